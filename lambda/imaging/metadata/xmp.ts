import { readText } from './text.ts';

/* XMP as far as three fields need it. A parser of XML brings entities, namespaces and six packages for them. */

const namespaces = {
  dc: 'http://purl.org/dc/elements/1.1/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
} as const;
type Namespace = keyof typeof namespaces;

/** Histories of editors fill megabytes; the fields come before them or not at all. */
const maxBytes = 1024 * 1024;
const maxFieldCharacters = 8_000;

/** The text of a property: its only value, that of the default language, or all of a list. */
export function readXmp(block: Uint8Array, namespace: Namespace, name: string): string[] {
  const xmp = readText(block.subarray(0, maxBytes));
  const qualified = `${prefixOf(xmp, namespace)}:${name}`;
  const element = elementOf(xmp, qualified);
  if (element === undefined) {
    const attribute = attributeOf(xmp, qualified);
    return attribute === undefined ? [] : [withoutEntities(attribute)];
  }
  const items = element.split('<rdf:li').slice(1);
  if (items.length === 0) return [textOf(element)];
  const texts = items.map((item) => {
    const end = item.indexOf('>');
    return { language: item.slice(0, end), text: textOf(item.slice(end + 1)) };
  });
  const chosen = texts.find(({ language }) => language.includes('x-default'));
  return chosen === undefined ? texts.map(({ text }) => text) : [chosen.text];
}

/** A packet with these properties and no other: rights by language, creators as a list, credit plain. */
export function writeXmp({
  rights,
  creator,
  credit,
}: Record<'rights' | 'creator' | 'credit', string | undefined>): string {
  const fields = [
    rights &&
      `<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">${withEntities(rights)}</rdf:li></rdf:Alt></dc:rights>`,
    creator && `<dc:creator><rdf:Seq><rdf:li>${withEntities(creator)}</rdf:li></rdf:Seq></dc:creator>`,
    credit && `<photoshop:Credit>${withEntities(credit)}</photoshop:Credit>`,
  ];
  return [
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    `<rdf:Description rdf:about="" xmlns:dc="${namespaces.dc}" xmlns:photoshop="${namespaces.photoshop}">`,
    ...fields.filter((field) => field !== undefined),
    '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>',
  ].join('');
}

/** The prefix that a packet declares for a namespace; the usual one where it declares none. */
function prefixOf(xmp: string, namespace: Namespace): string {
  const at = xmp.indexOf(namespaces[namespace]);
  const declaration = at < 0 ? '' : xmp.slice(Math.max(0, at - 80), at);
  return /xmlns:([\w-]{1,40})\s*=\s*["']$/.exec(declaration)?.[1] ?? namespace;
}

function elementOf(xmp: string, name: string): string | undefined {
  const open = xmp.indexOf(`<${name}`);
  const start = open < 0 ? -1 : xmp.indexOf('>', open) + 1;
  if (start <= 0 || xmp[start - 2] === '/') return undefined;
  const end = xmp.indexOf(`</${name}>`, start);
  return end < 0 ? undefined : xmp.slice(start, Math.min(end, start + maxFieldCharacters));
}

function attributeOf(xmp: string, name: string): string | undefined {
  const at = xmp.indexOf(` ${name}=`);
  if (at < 0) return undefined;
  const start = at + name.length + 3;
  const quote = xmp[start - 1] as string;
  const end = xmp.indexOf(quote, start);
  return end < 0 ? undefined : xmp.slice(start, Math.min(end, start + maxFieldCharacters));
}

function textOf(content: string): string {
  const end = content.indexOf('<');
  return withoutEntities(end < 0 ? content : content.slice(0, end));
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function withoutEntities(text: string): string {
  return text.replace(/&(#x?[0-9a-f]{1,6}|\w{2,4});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return entities[name] ?? whole;
    const hex = /^#x/i.test(name);
    const code = Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function withEntities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
