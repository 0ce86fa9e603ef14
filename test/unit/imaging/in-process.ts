import { renderImage } from '../../../lambda/imaging/pipeline.ts';
import type { EncodedImage } from '../../../lambda/imaging/rendered-image.ts';
import { Watermarks } from '../../../lambda/imaging/watermark/watermark.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { withPlainFormats } from '../../support/plain-formats.ts';
import { type Pixels, pixelsIn } from './fixtures.ts';
import { variantOf } from './sandbox-folder.ts';

/**
 * Makes all variants of an image in this process, for tests that need neither a font nor a child. A preset without formats
 * makes WebP and JPEG of quality 80.
 */
export async function made(
  bytes: Uint8Array,
  presets: SluiceConfig['presets'],
  rest: Omit<SluiceConfig, 'presets'> = {},
): Promise<EncodedImage> {
  const config = resolveConfig({ ...rest, presets: withPlainFormats(presets) });
  const order = { bytes, presetNames: Object.keys(presets), tenant: 'test', year: 2026 };
  return renderImage(order, config, new Watermarks(config.watermarks, '/'));
}

/** The pixels of one variant, named `<preset>.<format>`. */
export async function pixelsOf(decoded: EncodedImage, name: string): Promise<Pixels> {
  return pixelsIn(bytesOf(decoded, name));
}

/** The bytes of one variant, named `<preset>.<format>`. */
export function bytesOf(decoded: EncodedImage, name: string): Buffer {
  return variantOf(decoded, name).bytes;
}
