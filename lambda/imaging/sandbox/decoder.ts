import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Rejection } from '../../domain/failure.ts';
import type { Settings } from '../../domain/settings.ts';
import { confine } from '../confinement/confine.ts';
import { letGo } from '../let-go.ts';
import type { DecodeOrder } from '../order.ts';
import { makeVariants } from '../pipeline.ts';
import { Watermarks } from '../watermark/watermark.ts';
import { readFrame } from './frame-file.ts';
import { type DecoderOutcome, orderOf, pipeOfDecoder, tell } from './protocol.ts';

/*
 * The child process: strangers' bytes are decoded here and nowhere else. It holds no credentials, takes one image at
 * a time from its parent, and may be killed at any moment. Its argument is the folder of settings.json. All files that it
 * will ever read are open before the first image comes, for from then on it can open none.
 */
const root = process.argv[2] ?? process.cwd();
const settings = JSON.parse(readFileSync(join(root, 'settings.json'), 'utf8')) as Settings;
const watermarks = new Watermarks(settings.watermarks, root);
await watermarks.open();
// A turn of the event loop, in which it tells the kernel of all that it waits for.
await setImmediate();
await confine();
tell({ type: 'ready' });

try {
  for (let frame = readFrame(pipeOfDecoder); frame !== undefined; frame = readFrame(pipeOfDecoder)) {
    const { id, ...order } = orderOf(frame);
    const outcome = await answer(order);
    letGo(order.bytes);
    tell({ id, ...outcome });
    if (outcome.type === 'decoded') for (const { bytes } of outcome.decoded.variants) letGo(bytes);
  }
} finally {
  // Nothing here is worth an exit in order once the parent is gone, which would wait for the codec's threads.
  process.kill(process.pid, 'SIGKILL');
}

async function answer(order: DecodeOrder): Promise<DecoderOutcome> {
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
