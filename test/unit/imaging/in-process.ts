import { makeVariants } from '../../../lambda/imaging/pipeline.ts';
import type { Encoded } from '../../../lambda/imaging/rendered-image.ts';
import { Watermarks } from '../../../lambda/imaging/watermark/watermark.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { variantOf } from './decoder-folder.ts';
import { type Pixels, pixelsIn } from './fixtures.ts';

/** Makes all variants of an image by these presets, in this process. For what needs no font and no child. */
export async function made(
  bytes: Uint8Array,
  presets: SluiceConfig['presets'],
  rest: Omit<SluiceConfig, 'presets'> = {},
): Promise<Encoded> {
  const config = resolveConfig({ ...rest, presets });
  const order = { bytes, presetNames: Object.keys(presets), tenant: 'test', year: 2026 };
  return makeVariants(order, config, new Watermarks(config.watermarks, '/'));
}

/** The pixels of one variant, named `<preset>.<format>`. */
export async function pixelsOf(decoded: Encoded, name: string): Promise<Pixels> {
  return pixelsIn(bytesOf(decoded, name));
}

/** The bytes of one variant, named `<preset>.<format>`. */
export function bytesOf(decoded: Encoded, name: string): Buffer {
  return variantOf(decoded, name).bytes;
}
