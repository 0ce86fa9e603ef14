import { readSync, writeSync } from 'node:fs';
import { type Frame, headLength, lengthsOf, partsOf } from './frame.ts';

/*
 * The sandbox's side of the pipe. It waits for requests in a blocking read: an event loop that watches a new file makes
 * calls that the confinement forbids (io_uring).
 */

/** A configuration allows originals of at most 100 MiB. */
const mostOriginal = 128 * 1024 * 1024;

/**
 * Waits for the next frame and reads it, its body into one buffer of its size.
 * @param fd of a blocking pipe
 * @returns undefined where the other end is closed
 * @throws where something else arrives
 */
export function readFrame(fd: number): Frame | undefined {
  const head = filled(fd, Buffer.alloc(headLength));
  if (head === undefined) return undefined;
  const lengths = lengthsOf(head, mostOriginal);
  const header = filled(fd, Buffer.allocUnsafe(lengths.header));
  const body = header && filled(fd, Buffer.allocUnsafeSlow(lengths.body));
  return body && { header: JSON.parse(header.toString()), body };
}

/** Writes one frame; returns when all of it is in the pipe. @throws where the other end is closed */
export function writeFrame(fd: number, header: unknown, body: readonly Uint8Array[]): void {
  for (const part of partsOf(header, body))
    for (let at = 0; at < part.length; ) at += writeSync(fd, part, at);
}

function filled(fd: number, buffer: Buffer): Buffer | undefined {
  for (let at = 0; at < buffer.length; ) {
    const read = readSync(fd, buffer, at, buffer.length - at, null);
    if (read === 0) return undefined;
    at += read;
  }
  return buffer;
}
