import { gifBlocks, gifLabel } from '../inspect/gif-blocks.ts';

const application = Buffer.from('\x0bXMP DataXMP', 'latin1');
/** Follows the packet, so that readers of blocks find its end: 1, 255 down to 0, and 0 again. */
const trailerLength = 258;

/** The XMP packet of a GIF (ISO 16684-3, 1.1.2), stored verbatim and not in blocks. */
export function readGifXmp(gif: Uint8Array): Uint8Array | undefined {
  for (const block of gifBlocks(gif)) {
    if (block.kind !== 'extension' || block.label !== gifLabel.application) continue;
    const start = block.data + application.length;
    if (application.equals(gif.subarray(block.data, start)))
      return gif.subarray(start, Math.max(start, block.end - trailerLength));
  }
  return undefined;
}
