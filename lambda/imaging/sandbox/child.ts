import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Rejection } from '../../domain/failure.ts';
import type { Settings } from '../../domain/settings.ts';
import { confine } from '../confinement/confine.ts';
import { renderImage } from '../pipeline.ts';
import { PixelScope } from '../pixel-scope.ts';
import type { RenderRequest } from '../render-request.ts';
import { Watermarks } from '../watermark/watermark.ts';
import { readFrame } from './frame-file.ts';
import { type RenderOutcome, requestOf, sandboxPipe, sendMessage } from './protocol.ts';

/*
 * The child process, the only place where untrusted bytes are decoded. It has no credentials, takes one image at a time
 * from its parent, and may be killed at any moment. Its argument is the folder of settings.json. It opens all its files
 * before the first image, because it can open none later.
 */
const root = process.argv[2] ?? process.cwd();
const settings = JSON.parse(readFileSync(join(root, 'settings.json'), 'utf8')) as Settings;
const watermarks = new Watermarks(settings.watermarks, root);
await watermarks.open();
// One turn of the event loop, which registers its file descriptors with the kernel.
await setImmediate();
await confine();
sendMessage({ type: 'ready' });

try {
  for (let frame = readFrame(sandboxPipe); frame !== undefined; frame = readFrame(sandboxPipe)) {
    using pixels = new PixelScope();
    const { id, ...request } = requestOf(frame);
    pixels.own(request.bytes);
    const outcome = await respond(request);
    if (outcome.type === 'rendered') for (const { bytes } of outcome.image.variants) pixels.own(bytes);
    pixels.free(request.bytes);
    sendMessage({ id, ...outcome });
  }
} finally {
  // Without the parent, a regular exit would only wait for the codec's threads.
  process.kill(process.pid, 'SIGKILL');
}

async function respond(request: RenderRequest): Promise<RenderOutcome> {
  try {
    return { type: 'rendered', image: await renderImage(request, settings, watermarks) };
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

/** Codecs repeat themselves on a broken file, up to megabytes: each line once, cut to the length of a log line. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return [...new Set(message.split('\n'))].join('; ').slice(0, 500);
}
