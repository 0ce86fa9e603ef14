/**
 * Reads the messages of COPY … TO STDOUT (format csv) out of the bytes of a session, and turns their rows into records of
 * RFC 4180. The server sends each row as one message (protocol 3.0, "CopyData"), which ends with a line feed: so the ends of
 * rows are known without a look at their text, where line feeds may be quoted.
 *
 * Each record comes with the line break *before* it: the header line has none, and neither has the last row.
 *
 * A first column of a fixed width can be taken out as the key of its row, so that whoever reads knows up to which row it has
 * all. It must never be quoted, as a UUID is not.
 *
 * Works in the buffer that it is given, so nothing is allocated for a row, and a buffer of the socket (64 KiB) is one chunk
 * of the export. What it writes never overtakes what it reads, wherever the buffers are split: the CR replaces the first
 * byte of the message's header, the LF its last one.
 */
export class CopyFrames {
  readonly #header = Buffer.alloc(headerBytes);
  /** The key of the current row and its comma; empty without one. */
  readonly #key: Buffer;
  /** Bytes of the key that are still to come. */
  #keyLeft = 0;
  #headerRead = 0;
  #type = 0;
  /** Bytes of the current message that are still to come. */
  #left = 0;
  #rows = 0;

  /** @param keyWidth bytes of the first column, which is taken out; 0: none is */
  constructor(keyWidth = 0) {
    this.#key = Buffer.alloc(keyWidth === 0 ? 0 : keyWidth + 1);
  }

  /** The key of the last row, if that was read completely. */
  get lastKey(): string | undefined {
    const whole = this.#key.length > 0 && this.#rows > 0 && this.#left === 0;
    return whole ? this.#key.toString('latin1', 0, this.#key.length - 1) : undefined;
  }

  /** Rows that were read completely. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Reads a buffer, which it overwrites.
   * @returns the records in it, and the bytes after the copy, which are the driver's: CommandComplete or an error
   */
  read(chunk: Buffer): { records: Buffer; rest?: Buffer } {
    let from = 0;
    let to = 0;
    while (from < chunk.length) {
      if (this.#left === 0) {
        if (this.#headerRead === 0) {
          this.#type = chunk[from] as number;
          if (this.#type !== copyData && !beside.has(this.#type))
            return { records: chunk.subarray(0, to), rest: chunk.subarray(from) };
          this.#header[this.#headerRead++] = chunk[from++] as number;
          if (this.#type === copyData) chunk[to++] = carriageReturn;
        }
        while (this.#headerRead < headerBytes && from < chunk.length)
          this.#header[this.#headerRead++] = chunk[from++] as number;
        if (this.#headerRead < headerBytes) break;
        this.#headerRead = 0;
        this.#left = this.#header.readUInt32BE(1) - 4;
        if (this.#type === copyData) {
          chunk[to++] = lineFeed;
          this.#keyLeft = this.#key.length;
        }
        continue;
      }
      if (this.#keyLeft > 0) {
        const stop = Math.min(chunk.length, from + this.#keyLeft);
        chunk.copy(this.#key, this.#key.length - this.#keyLeft, from, stop);
        this.#keyLeft -= stop - from;
        this.#left -= stop - from;
        from = stop;
        continue;
      }
      const end = Math.min(chunk.length, from + this.#left);
      this.#left -= end - from;
      if (this.#type === copyData) {
        // The row's own line feed is left out.
        const stop = this.#left === 0 ? end - 1 : end;
        chunk.copyWithin(to, from, stop);
        to += stop - from;
        if (this.#left === 0) this.#rows += 1;
      }
      from = end;
    }
    return { records: chunk.subarray(0, to) };
  }
}

const headerBytes = 5;
const copyData = 'd'.charCodeAt(0);
/** CopyOutResponse and CopyDone, and what may come at any time: ParameterStatus, NoticeResponse, NotificationResponse. */
const beside: ReadonlySet<number> = new Set([...'HcSNA'].map((letter) => letter.charCodeAt(0)));
const carriageReturn = 13;
const lineFeed = 10;
