import type { Duplex } from 'node:stream';
import type { RejectionCode } from '../../domain/failure.ts';
import type { RenderRequest } from '../render-request.ts';
import type { EncodedImage } from '../rendered-image.ts';
import type { Frame } from './frame.ts';
import { writeFrame } from './frame-file.ts';
import { sendFrame } from './frame-pipe.ts';

/** A request as sent through the pipe: its response repeats the unguessable `id`. */
export interface NumberedRequest extends RenderRequest {
  id: string;
}

/** The outcome of a request. `reason` is for logs only, `detail` is shown to the tenant. */
export type RenderOutcome<Result = EncodedImage> =
  | { type: 'rendered'; image: Result }
  | { type: 'rejected'; code: RejectionCode; detail: string; reason: string }
  | { type: 'failed'; reason: string };

/**
 * Sandbox to parent. `ready` comes once, when codecs and settings are loaded: a sandbox that ends before is our fault, one
 * that ends later the image's.
 */
export type SandboxMessage = { type: 'ready' } | ({ id: string } & RenderOutcome);

/** The pipe as the sandbox sees it: a blocking file descriptor opened by the parent. */
export const sandboxPipe = 3;

export function sendRequest(
  pipe: Duplex,
  { bytes, ...header }: NumberedRequest,
  sent: (error: Error | null | undefined) => void,
): void {
  sendFrame(pipe, header, [bytes], sent);
}

export function requestOf({ header, body }: Frame): NumberedRequest {
  return { ...(header as Omit<NumberedRequest, 'bytes'>), bytes: body };
}

/** The header has the length of each variant; their bytes follow one another in the body. */
export function sendMessage(message: SandboxMessage): void {
  if (message.type !== 'rendered') writeFrame(sandboxPipe, message, []);
  else {
    const { variants, ...rest } = message.image;
    const sized = variants.map(({ bytes, ...variant }) => ({ ...variant, bytes: bytes.length }));
    const bodies = variants.map(({ bytes }) => bytes);
    writeFrame(sandboxPipe, { ...message, image: { ...rest, variants: sized } }, bodies);
  }
}
