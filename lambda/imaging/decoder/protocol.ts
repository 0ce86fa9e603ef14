import type { Duplex } from 'node:stream';
import type { RejectionCode } from '../../domain/failure.ts';
import type { Decoded } from '../decoded.ts';
import type { DecodeOrder } from '../order.ts';
import { type Frame, writeFrame } from './frame-pipe.ts';

/**
 * Decoder to parent. `ready` comes once, when codecs and settings are loaded: a decoder that ends before it is our
 * fault, one that ends after it the image's. `reason` is for logs only, `detail` is shown to the tenant.
 */
export type DecoderMessage =
  | { type: 'ready' }
  | { type: 'decoded'; decoded: Decoded }
  | { type: 'rejected'; code: RejectionCode; detail: string; reason: string }
  | { type: 'failed'; reason: string };

/** The pipe between both, as the decoder sees it: a file descriptor that its parent opened. */
export const pipeOfDecoder = 3;

type Sent = (error: Error | null | undefined) => void;

export function sendOrder(pipe: Duplex, { bytes, ...header }: DecodeOrder, sent: Sent): void {
  writeFrame(pipe, header, [bytes], sent);
}

/** What the parent sent: the decoder trusts it. */
export function orderOf({ header, body }: Frame): DecodeOrder {
  return { ...(header as Omit<DecodeOrder, 'bytes'>), bytes: body };
}

/** In the header the variants have the number of their bytes, which lie one behind the other in the body. */
export function sendMessage(pipe: Duplex, message: DecoderMessage, sent: Sent): void {
  if (message.type !== 'decoded') writeFrame(pipe, message, [], sent);
  else {
    const { variants, ...rest } = message.decoded;
    const sized = variants.map(({ bytes, ...variant }) => ({ ...variant, bytes: bytes.length }));
    const bodies = variants.map(({ bytes }) => bytes);
    writeFrame(pipe, { type: message.type, decoded: { ...rest, variants: sized } }, bodies, sent);
  }
}
