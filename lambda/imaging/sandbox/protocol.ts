import type { Duplex } from 'node:stream';
import type { RejectionCode } from '../../domain/failure.ts';
import type { DecodeOrder } from '../order.ts';
import type { Encoded } from '../rendered-image.ts';
import type { Frame } from './frame.ts';
import { writeFrame } from './frame-file.ts';
import { sendFrame } from './frame-pipe.ts';

/** An order as it crosses the pipe: its answer repeats the `id`, which nobody can know before the order has come. */
export interface NumberedOrder extends DecodeOrder {
  id: string;
}

/** What came of an order. `reason` is for logs only, `detail` is shown to the tenant. */
export type DecoderOutcome<Result = Encoded> =
  | { type: 'decoded'; decoded: Result }
  | { type: 'rejected'; code: RejectionCode; detail: string; reason: string }
  | { type: 'failed'; reason: string };

/**
 * Decoder to parent. `ready` comes once, when codecs and settings are loaded: a decoder that ends before it is our
 * fault, one that ends after it the image's.
 */
export type DecoderMessage = { type: 'ready' } | ({ id: string } & DecoderOutcome);

/** The pipe between both, as the decoder sees it: a file descriptor that its parent opened, and that blocks. */
export const pipeOfDecoder = 3;

export function sendOrder(
  pipe: Duplex,
  { bytes, ...header }: NumberedOrder,
  sent: (error: Error | null | undefined) => void,
): void {
  sendFrame(pipe, header, [bytes], sent);
}

/** What the parent sent: the decoder trusts it. */
export function orderOf({ header, body }: Frame): NumberedOrder {
  return { ...(header as Omit<NumberedOrder, 'bytes'>), bytes: body };
}

/** In the header the variants have the number of their bytes, which lie one behind the other in the body. */
export function tell(message: DecoderMessage): void {
  if (message.type !== 'decoded') writeFrame(pipeOfDecoder, message, []);
  else {
    const { variants, ...rest } = message.decoded;
    const sized = variants.map(({ bytes, ...variant }) => ({ ...variant, bytes: bytes.length }));
    const bodies = variants.map(({ bytes }) => bytes);
    writeFrame(pipeOfDecoder, { ...message, decoded: { ...rest, variants: sized } }, bodies);
  }
}
