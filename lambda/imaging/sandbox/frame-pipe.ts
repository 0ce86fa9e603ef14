import type { Duplex } from 'node:stream';
import { type Frame, headLength, lengthsOf, partsOf } from './frame.ts';

/** Writes one frame without copying its bytes. `done` receives the error of a closed pipe. */
export function sendFrame(
  pipe: Duplex,
  header: unknown,
  body: readonly Uint8Array[],
  done: (error: Error | null | undefined) => void,
): void {
  // Corked, it goes out in one call.
  pipe.cork();
  const last = body.length;
  for (const [index, part] of partsOf(header, body).entries())
    pipe.write(part, index === last ? done : undefined);
  pipe.uncork();
}

type Take = (frame: Frame) => void;
/** Called once, when no more frames will come: the other end is closed, even within a frame, or sent something else. */
type Lost = (why: string) => void;

/**
 * Reads frames from a pipe, each body into one buffer of its size.
 * @param mostBody limit of the next body in bytes; a larger one ends the pipe at once
 */
export function readFrames(pipe: Duplex, mostBody: () => number, take: Take, lost: Lost): void {
  const reader = new FrameReader(mostBody, take, lost);
  pipe.on('data', (chunk: Buffer) => {
    if (!reader.push(chunk)) pipe.destroy();
  });
  pipe.on('error', (error) => reader.end(error.message));
  pipe.on('close', () => reader.end());
}

/** Assembles frames from chunks. */
class FrameReader {
  readonly #mostBody: () => number;
  readonly #take: Take;
  readonly #lost: Lost;
  readonly #head = Buffer.alloc(headLength);
  /** The part being filled, and how far it is. */
  #part: Buffer = this.#head;
  #filled = 0;
  #header: Buffer | undefined;
  #body: Buffer | undefined;
  #over = false;

  constructor(mostBody: () => number, take: Take, lost: Lost) {
    this.#mostBody = mostBody;
    this.#take = take;
    this.#lost = lost;
  }

  /** @returns false once the data are no frame */
  push(chunk: Buffer): boolean {
    try {
      for (let at = 0; at < chunk.length && !this.#over; ) {
        const copied = chunk.copy(this.#part, this.#filled, at);
        at += copied;
        this.#filled += copied;
        while (this.#filled === this.#part.length) this.#turn();
      }
    } catch (error) {
      this.end(`no frame: ${error instanceof Error ? error.message : error}`);
    }
    return !this.#over;
  }

  end(why?: string): void {
    if (this.#over) return;
    this.#over = true;
    const amidst = this.#part !== this.#head || this.#filled > 0;
    this.#lost(why ?? (amidst ? 'closed within a frame' : 'closed'));
  }

  /** Continues after a full part. A body may be empty. */
  #turn(): void {
    const [header, body] = [this.#header, this.#body];
    this.#filled = 0;
    if (header === undefined) {
      const { header: length } = lengthsOf(this.#head, this.#mostBody());
      this.#header = this.#part = Buffer.allocUnsafe(length);
    } else if (body === undefined)
      this.#body = this.#part = Buffer.allocUnsafeSlow(this.#head.readUInt32LE(8));
    else {
      this.#header = this.#body = undefined;
      this.#part = this.#head;
      this.#take({ header: JSON.parse(header.toString()), body });
    }
  }
}
