import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Rejection } from '../../domain/failure.ts';
import type { Settings } from '../../domain/settings.ts';
import { letGo } from '../let-go.ts';
import type { DecodeOrder } from '../order.ts';
import { makeVariants } from '../pipeline.ts';
import { Watermarks } from '../watermark/watermark.ts';
import { openFrames } from './frame-pipe.ts';
import { type DecoderMessage, orderOf, pipeOfDecoder, sendMessage } from './protocol.ts';

/*
 * The child process: strangers' bytes are decoded here and nowhere else. It holds no credentials, takes one image at
 * a time from its parent, and may be killed at any moment. Its argument is the folder of settings.json.
 */
const root = process.argv[2] ?? process.cwd();
const settings = JSON.parse(readFileSync(join(root, 'settings.json'), 'utf8')) as Settings;
const watermarks = new Watermarks(settings.watermarks, root);

async function answer(order: DecodeOrder): Promise<DecoderMessage> {
  try {
    return { type: 'decoded', decoded: await makeVariants(order, settings, watermarks) };
  } catch (error) {
    if (!(error instanceof Rejection)) return { type: 'failed', reason: reasonOf(error) };
    return {
      type: 'rejected',
      code: error.code,
      detail: error.detail,
      reason: reasonOf(error.cause ?? error),
    };
  }
}

/** Codecs repeat themselves on a broken file, up to megabytes: each line once, and no more than a log line holds. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return [...new Set(message.split('\n'))].join('; ').slice(0, 500);
}

/** Nothing here is worth an exit in order once the parent is gone, which would wait for the codec's threads. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

const pipe = openFrames(pipeOfDecoder, (frame) => void take(orderOf(frame)), end);
async function take(order: DecodeOrder): Promise<void> {
  const message = await answer(order);
  letGo(order.bytes);
  tell(message);
}

function tell(message: DecoderMessage): void {
  sendMessage(pipe, message, (error) => {
    if (error) end();
    if (message.type === 'decoded') for (const { bytes } of message.decoded.variants) letGo(bytes);
  });
}
tell({ type: 'ready' });
