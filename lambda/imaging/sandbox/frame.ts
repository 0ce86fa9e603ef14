/** A message on the pipe: a JSON header, and bytes as they are. */
export interface Frame {
  header: unknown;
  body: Buffer;
}

/*
 * A frame on the pipe: a mark, the lengths of header and body (32 bits each, little endian), then both. The mark detects
 * other data before gigabytes are awaited.
 */
const mark = 0x65_63_6c_53;
export const headLength = 12;
/** A header has names and sizes: some 200 bytes a variant. */
const mostHeader = 1024 * 1024;

/** The parts of a frame in the order they are sent; the bytes of the body are not copied. */
export function partsOf(header: unknown, body: readonly Uint8Array[]): Uint8Array[] {
  const text = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(headLength);
  head.writeUInt32LE(mark, 0);
  head.writeUInt32LE(text.length, 4);
  head.writeUInt32LE(
    body.reduce((sum, { length }) => sum + length, 0),
    8,
  );
  return [Buffer.concat([head, text]), ...body];
}

/**
 * The lengths in the head of a frame.
 * @param mostBody limit of the body in bytes
 * @throws where this is no frame, or one above the limits
 */
export function lengthsOf(head: Buffer, mostBody: number): { header: number; body: number } {
  if (head.readUInt32LE(0) !== mark) throw new Error('the mark is missing');
  const [header, body] = [head.readUInt32LE(4), head.readUInt32LE(8)];
  if (header === 0 || header > mostHeader || body > mostBody) throw new Error('a length is out of bounds');
  return { header, body };
}
