import { createHash } from 'node:crypto';
import { contentTypeOf } from '../domain/image.ts';
import type { Preset } from '../domain/preset.ts';
import type { Settings } from '../domain/settings.ts';
import { cropMiddle } from './crop.ts';
import { decode } from './decode.ts';
import type { Decoded, DecodedVariant } from './decoded.ts';
import { encode } from './encode.ts';
import { planCascade } from './frames.ts';
import { inspect } from './inspect.ts';
import { orient } from './orient.ts';
import type { Raster } from './raster.ts';
import { resizeCascade } from './resize.ts';
import type { Watermarks } from './watermark.ts';

/**
 * The way of an image: inspect, decode, orient, resize in a cascade, and for each preset crop, watermark, encode.
 * @throws Rejection when the image is at fault; anything else is ours
 */
export async function makeVariants(
  bytes: Uint8Array,
  presetNames: readonly string[],
  settings: Pick<Settings, 'presets' | 'limits'>,
  watermarks: Watermarks,
): Promise<Decoded> {
  const presets = presetNames.map((name) => presetOf(settings.presets, name));
  const inspected = await inspect(bytes, settings.limits);
  const plan = planCascade(inspected.original, presets);
  const { width, height } = plan.decoded;
  const stored = inspected.orientation >= 5 ? { width: height, height: width } : plan.decoded;

  const pixels = await decode(bytes, inspected, stored);
  const upright = await orient(pixels, inspected.orientation);
  const frames = await resizeCascade(upright, plan.steps);
  const variants: DecodedVariant[] = [];
  for (const [index, preset] of presets.entries()) {
    const { step, crop } = plan.of[index] as (typeof plan.of)[number];
    const cropped = await cropMiddle(frames[step] as Raster, crop);
    const marked = await watermarks.over(cropped, preset.watermarks);
    variants.push(...(await encodeAll(marked, presetNames[index] as string, preset)));
  }
  return { original: inspected.original, variants };
}

async function encodeAll(raster: Raster, name: string, preset: Preset): Promise<DecodedVariant[]> {
  const variants: DecodedVariant[] = [];
  for (const format of preset.formats) {
    const bytes = await encode(raster, format, preset.quality[format]);
    variants.push({
      preset: name,
      format,
      contentType: contentTypeOf[format],
      width: raster.width,
      height: raster.height,
      bytes,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
  }
  return variants;
}

function presetOf(presets: Record<string, Preset>, name: string): Preset {
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset === undefined) throw new Error(`no preset is named "${name}"`);
  return preset;
}
