import { SaxesParser, type SaxesTagNS } from 'saxes';
import { readXmlText } from './xml-text.ts';
import { namespaces } from './xmp-packet.ts';

/** The properties read from a packet, each with its values. */
export type XmpProperty = 'rights' | 'creator' | 'credit';

const propertyOf: Readonly<Record<string, XmpProperty>> = {
  [`${namespaces.dc} rights`]: 'rights',
  [`${namespaces.dc} creator`]: 'creator',
  [`${namespaces.photoshop} Credit`]: 'credit',
};

/* Bounds of a packet. Histories of editors take megabytes; the worst packet tried took 170 ms a megabyte. */
const maxBytes = 2 * 1024 * 1024;
const maxFieldCharacters = 8_000;
/** Nesting of elements: credits are 7 deep. */
const maxDepth = 100;
const maxAttributes = 1_000;
/** Tolerated mistakes; with more it is not XML. */
const maxMistakes = 100;
/** Characters given to the parser at once, so that it ends soon after the wanted properties. */
const portion = 64 * 1024;

/**
 * The properties of an image in an XMP packet (ISO 16684-1): those of its top-level descriptions, and none of images placed
 * in it or derived from, or of its history. Of a cut or broken packet, those before the damage. No entity is expanded
 * except XML's five, and no reference is fetched.
 */
export function readXmp(block: Uint8Array): Partial<Record<XmpProperty, string[]>> {
  const text = withAmpersands(readXmlText(block.subarray(0, maxBytes)));
  const packet = new Packet();
  try {
    for (let at = Math.max(0, text.indexOf('<')); at < text.length; at += portion)
      packet.read(text.slice(at, at + portion));
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
  return packet.found;
}

/** A bare `&`, as in "A & B", would swallow the text up to the next semicolon; in CDATA it is valid. */
function withAmpersands(text: string): string {
  return text.replace(/<!\[CDATA\[.*?(?:\]\]>|$)|&(?!#?\w{1,10};)/gs, (found) =>
    found === '&' ? '&amp;' : found,
  );
}

/** The rest of a packet is skipped: everything was found, or it exceeds its bounds. */
class Enough extends Error {
  override readonly name = 'Enough';
}

/** Where a property has its value: in itself, or in the items of a list. */
interface Value {
  property: XmpProperty;
  plain: string;
  isAlternative: boolean;
  items: { isDefault: boolean; text: string }[];
}

/** Paths from a property to its text, and to the text of an item: `value` holds a value that has qualifiers. */
const plainWay = /^(Description )?(value )?$/;
const itemWay = /^(Alt|Seq|Bag) li (Description )?(value )?$/;

class Packet {
  readonly found: Partial<Record<XmpProperty, string[]>> = {};
  readonly #parser = new SaxesParser({
    xmlns: true,
    position: false,
    // Some packets omit the declaration of usual prefixes.
    additionalNamespaces: namespaces,
  });
  #depth = 0;
  /** Depth of the element `rdf:RDF`; levels below it are relative to it. */
  #rdf: number | undefined;
  #isDescription = false;
  #value: Value | undefined;
  /** Names of the elements of RDF from the property to here, each with a space; `?` for others. */
  #way: string[] = [];
  #attributes = 0;
  #mistakes = 0;

  constructor() {
    this.#parser.on('error', () => {
      if (++this.#mistakes > maxMistakes) throw new Enough();
    });
    this.#parser.on('attribute', () => {
      if (++this.#attributes > maxAttributes) throw new Enough();
    });
    this.#parser.on('opentag', (tag) => this.#open(tag));
    this.#parser.on('text', (text) => this.#read(text));
    this.#parser.on('cdata', (text) => this.#read(text));
    this.#parser.on('closetag', () => this.#close());
  }

  read(text: string): void {
    this.#parser.write(text);
  }

  #open(tag: SaxesTagNS): void {
    this.#attributes = 0;
    if (++this.#depth > maxDepth) throw new Enough();
    const isRdf = tag.uri === namespaces.rdf;
    // Alone, or in `x:xmpmeta`.
    if (this.#rdf === undefined && isRdf && tag.local === 'RDF' && this.#depth <= 2) this.#rdf = this.#depth;
    const level = this.#depth - (this.#rdf ?? Number.POSITIVE_INFINITY);
    if (level === 1) this.#describe(tag, isRdf);
    else if (level === 2) this.#begin(tag);
    else if (level > 2) {
      this.#way.push(isRdf ? `${tag.local} ` : '?');
      if (this.#value !== undefined && isRdf) this.#enter(this.#value, tag);
    }
  }

  /** Simple properties may be attributes of their description. */
  #describe({ local, attributes }: SaxesTagNS, isRdf: boolean): void {
    this.#isDescription = isRdf && local === 'Description';
    if (!this.#isDescription) return;
    for (const { uri, local, value } of Object.values(attributes)) {
      const property = propertyOf[`${uri} ${local}`];
      if (property !== undefined) this.#keep(property, [value]);
    }
  }

  #begin({ uri, local }: SaxesTagNS): void {
    const property = this.#isDescription ? propertyOf[`${uri} ${local}`] : undefined;
    this.#value = property && { property, plain: '', isAlternative: false, items: [] };
  }

  #enter(value: Value, { local, attributes }: SaxesTagNS): void {
    if (local === 'Alt' && this.#way.length === 1) value.isAlternative = true;
    if (local !== 'li' || !itemWay.test(this.#way.join(''))) return;
    const language = attributes['xml:lang']?.value ?? '';
    value.items.push({ isDefault: language.toLowerCase() === 'x-default', text: '' });
  }

  #read(text: string): void {
    if (this.#value === undefined) return;
    const way = this.#way.join('');
    const item = itemWay.test(way) ? this.#value.items.at(-1) : undefined;
    if (item !== undefined) item.text = joined(item.text, text);
    else if (plainWay.test(way)) this.#value.plain = joined(this.#value.plain, text);
  }

  #close(): void {
    const level = this.#depth-- - (this.#rdf ?? Number.POSITIVE_INFINITY);
    if (level === 0) throw new Enough();
    if (level > 2) this.#way.pop();
    if (level !== 2 || this.#value === undefined) return;
    this.#keep(this.#value.property, valuesOf(this.#value));
    this.#value = undefined;
  }

  /** The first with a value. */
  #keep(property: XmpProperty, values: string[]): void {
    if (values.some((value) => value.trim() !== '')) this.found[property] ??= values;
  }
}

/** The default of a text in several languages, or the first where none is marked as default. */
function valuesOf({ plain, isAlternative, items }: Value): string[] {
  if (items.length === 0) return [plain];
  const texts = items.map(({ text }) => text);
  if (!isAlternative) return texts;
  return [items.find(({ isDefault }) => isDefault)?.text ?? (texts[0] as string)];
}

function joined(text: string, more: string): string {
  return text.length >= maxFieldCharacters ? text : text + more.slice(0, maxFieldCharacters);
}
