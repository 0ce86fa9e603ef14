const declared = {
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  dc: 'http://purl.org/dc/elements/1.1/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
  xmpMM: 'http://ns.adobe.com/xap/1.0/mm/',
  stRef: 'http://ns.adobe.com/xap/1.0/sType/ResourceRef#',
} as const;

/** An XMP packet with this content of `rdf:RDF`. */
export function packet(inside: string, namespaces: Readonly<Record<string, string>> = declared): string {
  const names = Object.entries(namespaces).map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`);
  return (
    `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">` +
    `<rdf:RDF ${names.join(' ')}>${inside}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
  );
}

/** An XMP packet with one description: these attributes and elements. */
export function described(elements: string, attributes = ''): string {
  return packet(`<rdf:Description rdf:about="" ${attributes}>${elements}</rdf:Description>`);
}

/** Text in UTF-32, which Node cannot encode. */
export function utf32(text: string, little: boolean): Buffer {
  const points = [...text].map((letter) => letter.codePointAt(0) as number);
  const bytes = Buffer.alloc(points.length * 4);
  for (const [index, point] of points.entries())
    if (little) bytes.writeUInt32LE(point, index * 4);
    else bytes.writeUInt32BE(point, index * 4);
  return bytes;
}
