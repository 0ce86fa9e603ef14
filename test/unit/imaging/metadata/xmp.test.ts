import { describe, expect, it } from 'vitest';
import { readCredits } from '../../../../lambda/imaging/metadata/credits.ts';
import { described, packet, utf32 } from './packets.ts';

const creditsOf = (text: string | Buffer) => readCredits({ xmp: Buffer.from(text as string) });
const seq = (...names: string[]) =>
  `<rdf:Seq>${names.map((name) => `<rdf:li>${name}</rdf:li>`).join('')}</rdf:Seq>`;
const alt = (texts: Record<string, string>) =>
  `<rdf:Alt>${Object.entries(texts)
    .map(([language, text]) => `<rdf:li xml:lang="${language}">${text}</rdf:li>`)
    .join('')}</rdf:Alt>`;
const own = `<dc:creator>${seq('Ada')}</dc:creator>`;
const theirs = `<dc:rights>${alt({ 'x-default': '© somebody else' })}</dc:rights><dc:creator>${seq('Eve')}</dc:creator>`;

describe('credits of the picture itself', () => {
  it.each([
    [
      'placed in it',
      `<xmpMM:Pantry><rdf:Bag><rdf:li><rdf:Description>${theirs}</rdf:Description></rdf:li></rdf:Bag></xmpMM:Pantry>`,
    ],
    [
      'placed in it, as a resource',
      `<xmpMM:Pantry><rdf:Bag><rdf:li rdf:parseType="Resource">${theirs}</rdf:li></rdf:Bag></xmpMM:Pantry>`,
    ],
    [
      'placed in it, by an attribute',
      '<xmpMM:Ingredients><rdf:Bag><rdf:li photoshop:Credit="Eve" dc:rights="theirs"/></rdf:Bag></xmpMM:Ingredients>',
    ],
    ['that it is derived from', `<xmpMM:DerivedFrom rdf:parseType="Resource">${theirs}</xmpMM:DerivedFrom>`],
    [
      'that it was made of before',
      `<xmpMM:History><rdf:Seq><rdf:li><rdf:Description photoshop:Credit="Eve">${theirs}</rdf:Description></rdf:li></rdf:Seq></xmpMM:History>`,
    ],
    ['in a comment', `<!-- ${theirs} -->`],
    ['in CDATA', `<xmpMM:Note><![CDATA[${theirs}]]></xmpMM:Note>`],
    ['in an attribute', '<xmpMM:Note xmpMM:a="dc:rights=&quot;theirs&quot;"/>'],
    ['of another namespace', '<dc:rights xmlns:dc="urn:other">theirs</dc:rights>'],
    [
      'of a name that goes on',
      '<photoshop:CreditLineRequired>yes</photoshop:CreditLineRequired><dc:rightsOwner>theirs</dc:rightsOwner>',
    ],
    [
      'in a list of lists',
      `<dc:rights><rdf:Bag><rdf:li><rdf:Bag><rdf:li>theirs</rdf:li></rdf:Bag></rdf:li></rdf:Bag></dc:rights>`,
    ],
  ])('credits of something else are ignored: %s', (_, other) => {
    expect(creditsOf(described(other + own))).toEqual({ creator: 'Ada' });
    expect(creditsOf(described(own + other))).toEqual({ creator: 'Ada' });
  });

  it('properties outside the descriptions are ignored', () => {
    const outside = packet(`<dc:rights>theirs</dc:rights><rdf:Bag dc:rights="theirs">${theirs}</rdf:Bag>`);
    expect(creditsOf(outside)).toEqual({});
    expect(creditsOf(`<x>${outside.replace('x:xmpmeta xmlns', 'y xmlns')}</x>`)).toEqual({});
  });

  it('all descriptions are read, and the first value wins', () => {
    const many = [
      '<dc:rights> </dc:rights>',
      '<dc:rights>first</dc:rights>',
      `<dc:rights>second</dc:rights>${own}`,
    ];
    const descriptions = many.map((inside) => `<rdf:Description rdf:about="">${inside}</rdf:Description>`);
    expect(creditsOf(packet(descriptions.join('\n')))).toEqual({ copyright: 'first', creator: 'Ada' });
  });
});

describe('forms of a property in RDF', () => {
  it.each<[string, string, string?]>([
    ['plain', '<dc:rights>© A</dc:rights>'],
    ['a list', '<dc:rights><rdf:Bag><rdf:li>© A</rdf:li></rdf:Bag></dc:rights>'],
    ['of several languages', `<dc:rights>${alt({ de: 'deutsch', 'x-default': '© A' })}</dc:rights>`],
    ['of several languages without a default', `<dc:rights>${alt({ en: '© A', de: 'deutsch' })}</dc:rights>`],
    ['an attribute', '', 'dc:rights="© A"'],
    ['an attribute in apostrophes', '', "dc:rights='© A'"],
    ['an attribute behind a tab', '', 'xmpMM:a="b"\tdc:rights="© A"'],
    ['an attribute behind a new line', '', 'xmpMM:a="b"\r\n dc:rights\n=\t"© A"'],
    ['CDATA', '<dc:rights><![CDATA[© ]]><![CDATA[A]]></dc:rights>'],
    [
      'CDATA in a list',
      '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default"><![CDATA[© A]]></rdf:li></rdf:Alt></dc:rights>',
    ],
    ['with a comment within', '<dc:rights>© <!-- not B -->A</dc:rights>'],
    [
      'with a qualifier',
      '<dc:rights rdf:parseType="Resource"><rdf:value>© A</rdf:value><xmpMM:a>b</xmpMM:a></dc:rights>',
    ],
    [
      'with a qualifier of an item',
      '<dc:rights><rdf:Bag><rdf:li rdf:parseType="Resource"><rdf:value>© A</rdf:value><xmpMM:a>b</xmpMM:a></rdf:li></rdf:Bag></dc:rights>',
    ],
    [
      'with a qualifier in a description',
      '<dc:rights><rdf:Description><rdf:value>© A</rdf:value><xmpMM:a>b</xmpMM:a></rdf:Description></dc:rights>',
    ],
    ['in numbers', '<dc:rights>&#169; &#x41;</dc:rights>'],
  ])('a property is read: %s', (_, elements, attributes) => {
    expect(creditsOf(described(elements, attributes))).toEqual({ copyright: '© A' });
  });

  it('a property with several items has all of them, in order', () => {
    expect(creditsOf(described(`<dc:creator>${seq('Ada', '', 'Zoë &amp; Max')}</dc:creator>`))).toEqual({
      creator: 'Ada; Zoë & Max',
    });
  });

  it('a property is read with any prefix', () => {
    const text = packet(
      '<r:Description a:rights="© A"><b:creator><r:Seq><r:li>Ada</r:li></r:Seq></b:creator></r:Description>',
      {
        rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
        r: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
        a: 'http://purl.org/dc/elements/1.1/',
        b: 'http://purl.org/dc/elements/1.1/',
      },
    );
    const found = { copyright: '© A', creator: 'Ada' };
    expect(creditsOf(text)).toEqual(found);
    expect(
      creditsOf(
        text
          .replaceAll('<rdf:RDF', '<q:RDF')
          .replaceAll('</rdf:RDF', '</q:RDF')
          .replace('xmlns:rdf', 'xmlns:q'),
      ),
    ).toEqual(found);
  });

  it('a property is read without a prefix', () => {
    const inside =
      '<rdf:Description><rights xmlns="http://purl.org/dc/elements/1.1/">© A</rights></rdf:Description>';
    expect(creditsOf(packet(inside))).toEqual({ copyright: '© A' });
  });

  it('a property is read outside x:xmpmeta, and with undeclared prefixes', () => {
    const bare = /<rdf:RDF.*<\/rdf:RDF>/s.exec(described('<dc:rights>© A</dc:rights>'))?.[0] ?? '';
    expect(creditsOf(bare)).toEqual({ copyright: '© A' });
    expect(creditsOf(bare.replace(/ xmlns:\w+="[^"]*"/g, ''))).toEqual({ copyright: '© A' });
  });
});

describe('encodings and damage of a packet', () => {
  const text = described(`<dc:rights>© Ångström 😀</dc:rights>${own}`);
  const found = { copyright: '© Ångström 😀', creator: 'Ada' };
  const unmarked = text.replace('\ufeff', '');

  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 behind a mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16, little end first', Buffer.from(text, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(text, 'utf16le').swap16()],
    ['UTF-16 behind a mark', Buffer.from(`\ufeff${unmarked}`, 'utf16le')],
    ['UTF-16, big end first, behind a mark', Buffer.from(`\ufeff${unmarked}`, 'utf16le').swap16()],
    ['UTF-32, little end first', utf32(text, true)],
    ['UTF-32, big end first', utf32(text, false)],
    ['UTF-32 behind a mark', utf32(`\ufeff${unmarked}`, true)],
  ])('a packet is read in %s', (_, bytes) => {
    expect(creditsOf(bytes)).toEqual(found);
  });

  it('a packet is read in Latin-1, as old writers wrote it', () => {
    expect(
      creditsOf(Buffer.from(described('<dc:rights>© Ångström</dc:rights>').replace('\ufeff', ''), 'latin1')),
    ).toEqual({
      copyright: '© Ångström',
    });
  });

  it('a packet is read that ends within a character or an element', () => {
    const whole = Buffer.from(described(`<dc:rights>© Ångström</dc:rights><dc:creator>Å</dc:creator>`));
    const creator = whole.lastIndexOf('Å');
    for (const end of [creator, creator + 1, creator + 2, creator + 5])
      expect(creditsOf(whole.subarray(0, end))).toEqual({ copyright: '© Ångström' });
  });

  it('a packet above the maximum size is read up to it', () => {
    // The limit is between the two bytes of an Å.
    for (const shift of ['', 'x']) {
      const long = described(
        `<dc:rights>© Ångström</dc:rights><xmpMM:Note>${shift}${'Å'.repeat(2 ** 20)}</xmpMM:Note>${own}`,
      );
      expect(creditsOf(long)).toEqual({ copyright: '© Ångström' });
    }
  });

  it('a packet is read between bytes that are no XML', () => {
    expect(creditsOf(`\0\0junk${text}\0\0\0junk<dc:rights>`)).toEqual(found);
  });
});

describe('invalid packets', () => {
  it.each([
    [
      'an entity of its own',
      `<!DOCTYPE a [<!ENTITY me "© Eve">]>${described('<dc:rights>&me;</dc:rights>')}`,
      { copyright: '&me;' },
    ],
    [
      'an entity that grows',
      `<!DOCTYPE a [<!ENTITY a "xxxx"><!ENTITY b "&a;&a;&a;">]>${described('<dc:rights>&b;&b;</dc:rights>')}`,
      { copyright: '&b;&b;' },
    ],
    [
      'an entity that is a file',
      `<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>${described('<dc:rights>&f;</dc:rights>')}`,
      { copyright: '&f;' },
    ],
    ['a bare ampersand', described('<dc:rights>A & B</dc:rights>'), { copyright: 'A & B' }],
    [
      'a bare ampersand in CDATA',
      described('<dc:rights><![CDATA[A & B &amp;]]></dc:rights>'),
      { copyright: 'A & B &amp;' },
    ],
    ['an end that nothing began', described(`${own}</b><dc:rights>late</dc:rights>`), { creator: 'Ada' }],
    [
      'more depth than anybody writes',
      described(`${'<xmpMM:a>'.repeat(200)}${'</xmpMM:a>'.repeat(200)}${own}`),
      {},
    ],
    [
      'more attributes than anybody writes',
      described(`<xmpMM:a ${Array.from({ length: 2000 }, (_, at) => `b${at}=""`).join(' ')}/>${own}`),
      {},
    ],
    ['more mistakes than anybody makes', described(`${'<xmpMM:a>&bad;</xmpMM:a>'.repeat(200)}${own}`), {}],
    ['a few mistakes', described(`${'<xmpMM:a>&bad;</xmpMM:a>'.repeat(20)}${own}`), { creator: 'Ada' }],
    [
      'an attribute of a name that objects have',
      described(own, 'hasOwnProperty="a" constructor="b" __proto__="c"'),
      { creator: 'Ada' },
    ],
    ['no end', described(own).slice(0, -50), { creator: 'Ada' }],
  ])('an invalid packet has no credits, or those before the damage: %s', (_, text, found) => {
    expect(creditsOf(text)).toEqual(found);
  });
});
