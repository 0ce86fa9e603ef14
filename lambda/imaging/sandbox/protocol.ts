import type { Duplex } from 'node:stream';
import type { RejectionCode } from '../../domain/failure.ts';
import type { RenderRequest } from '../render-request.ts';
import type { EncodedImage } from '../rendered-image.ts';
import type { Frame } from './frame.ts';
import { writeFrame } from './frame-file.ts';
import { sendFrame } from './frame-pipe.ts';

/** An order as it crosses the pipe: its answer repeats the `id`, which nobody can know before the order has come. */
export interface NumberedRequest extends RenderRequest {
  id: string;
}

/** What came of an order. `reason` is for logs only, `detail` is shown to the tenant. */
export type RenderOutcome<Result = EncodedImage> =
  | { type: 'rendered'; image: Result }
  | { type: 'rejected'; code: RejectionCode; detail: string; reason: string }
  | { type: 'failed'; reason: string };

/**
 * Sandbox to parent. `ready` comes once, when codecs and settings are loaded: a sandbox that ends before it is our
 * fault, one that ends after it the image's.
 */
export type SandboxMessage = { type: 'ready' } | ({ id: string } & RenderOutcome);

/** The pipe between both, as the sandbox sees it: a file descriptor that its parent opened, and that blocks. */
export const sandboxPipe = 3;

export function sendRequest(
  pipe: Duplex,
  { bytes, ...header }: NumberedRequest,
  sent: (error: Error | null | undefined) => void,
): void {
  sendFrame(pipe, header, [bytes], sent);
}

/** What the parent sent: the sandbox trusts it. */
export function requestOf({ header, body }: Frame): NumberedRequest {
  return { ...(header as Omit<NumberedRequest, 'bytes'>), bytes: body };
}

/** In the header the variants have the number of their bytes, which lie one behind the other in the body. */
export function sendMessage(message: SandboxMessage): void {
  if (message.type !== 'rendered') writeFrame(sandboxPipe, message, []);
  else {
    const { variants, ...rest } = message.image;
    const sized = variants.map(({ bytes, ...variant }) => ({ ...variant, bytes: bytes.length }));
    const bodies = variants.map(({ bytes }) => bytes);
    writeFrame(sandboxPipe, { ...message, image: { ...rest, variants: sized } }, bodies);
  }
}
