import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What crosses a pipe: a header that JSON can hold, and bytes that pass beside it as they are. */
export interface Frame {
  header: unknown;
  body: Buffer;
}

/*
 * A frame on the pipe: a mark, the length of the header, that of the body (32 bits each, little endian), then both.
 * The mark tells a frame from what something else wrote there, before gigabytes are waited for.
 */
const mark = 0x65_63_6c_53;
const headLength = 12;
/** A header holds names, sizes and checksums: some 300 bytes a variant. */
const mostHeader = 1024 * 1024;
/** The largest original that a configuration allows has 100 MiB; all variants of one together have less. */
const mostBody = 512 * 1024 * 1024;

/** Writes one frame; the bytes are handed to the system where they lie. `done` is told of a pipe that is closed. */
export function writeFrame(
  pipe: Duplex,
  header: unknown,
  body: readonly Uint8Array[],
  done: (error: Error | null | undefined) => void,
): void {
  const text = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(headLength);
  head.writeUInt32LE(mark, 0);
  head.writeUInt32LE(text.length, 4);
  head.writeUInt32LE(
    body.reduce((sum, { length }) => sum + length, 0),
    8,
  );
  // Corked, all of it goes out in one call.
  pipe.cork();
  const last = body.length;
  for (const [index, part] of [Buffer.concat([head, text]), ...body].entries())
    pipe.write(part, index === last ? done : undefined);
  pipe.uncork();
}

type Take = (frame: Frame) => void;
/** Called once, when no more will come: the other end is gone, be it within a frame, or sent what is none. */
type Lost = (why: string) => void;

/** Takes frames off a pipe, each body into one buffer of its size. */
export function readFrames(pipe: Duplex, take: Take, lost: Lost): void {
  const reader = new FrameReader(take, lost);
  pipe.on('data', (chunk: Buffer) => {
    if (!reader.push(chunk)) pipe.destroy();
  });
  watch(pipe, reader);
}

/**
 * The same for a file descriptor: the system writes straight into the buffer of the body. An original of 3 MB would
 * else be copied, and leave 46 pieces of 64 kB for the collector.
 */
export function openFrames(fd: number, take: Take, lost: Lost): Socket {
  const reader = new FrameReader(take, lost);
  const pipe = new Socket({
    fd,
    onread: {
      buffer: () => reader.space,
      callback: (length) => {
        if (!reader.fill(length)) pipe.destroy();
        return true;
      },
    },
  });
  watch(pipe, reader);
  return pipe;
}

function watch(pipe: Duplex, reader: FrameReader): void {
  pipe.on('error', (error) => reader.end(error.message));
  pipe.on('close', () => reader.end());
}

/** Puts frames together from what comes in pieces. */
class FrameReader {
  readonly #take: Take;
  readonly #lost: Lost;
  readonly #head = Buffer.alloc(headLength);
  /** The part of the frame that is being filled, and how far it is. */
  #part: Buffer = this.#head;
  #filled = 0;
  #header: Buffer | undefined;
  #body: Buffer | undefined;
  #over = false;

  constructor(take: Take, lost: Lost) {
    this.#take = take;
    this.#lost = lost;
  }

  /** Where the next bytes belong; never empty. */
  get space(): Buffer {
    return this.#part.subarray(this.#filled);
  }

  /** So many bytes were written into `space`. @returns whether what came until now can be a frame */
  fill(length: number): boolean {
    if (this.#over) return false;
    this.#filled += length;
    try {
      while (this.#filled === this.#part.length) this.#turn();
      return true;
    } catch (error) {
      this.end(`no frame: ${error instanceof Error ? error.message : error}`);
      return false;
    }
  }

  push(chunk: Buffer): boolean {
    for (let at = 0; at < chunk.length; ) {
      const copied = chunk.copy(this.space, 0, at);
      if (!this.fill(copied)) return false;
      at += copied;
    }
    return true;
  }

  end(why?: string): void {
    if (this.#over) return;
    this.#over = true;
    const amidst = this.#part !== this.#head || this.#filled > 0;
    this.#lost(why ?? (amidst ? 'closed within a frame' : 'closed'));
  }

  /** A part is full: what comes next? A body may have no bytes. */
  #turn(): void {
    const [header, body] = [this.#header, this.#body];
    this.#filled = 0;
    if (header === undefined) this.#begin();
    else if (body === undefined) this.#body = this.#part = Buffer.allocUnsafeSlow(this.#head.readUInt32LE(8));
    else {
      this.#header = this.#body = undefined;
      this.#part = this.#head;
      this.#take({ header: JSON.parse(header.toString()), body });
    }
  }

  #begin(): void {
    const length = this.#head.readUInt32LE(4);
    if (this.#head.readUInt32LE(0) !== mark) throw new Error('the mark is missing');
    if (length === 0 || length > mostHeader || this.#head.readUInt32LE(8) > mostBody)
      throw new Error('a length is out of bounds');
    this.#header = this.#part = Buffer.allocUnsafe(length);
  }
}
