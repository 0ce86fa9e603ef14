import { createHash } from 'node:crypto';
import { derivedPrefix, extensionOf, type ImageRef, type VariantFormat } from '../domain/image.ts';
import type { Preset } from '../domain/preset.ts';
import type { Watermark } from '../domain/watermark.ts';

/** Digest of a preset and its watermarks, in 8 hex digits: another recipe gets other keys. */
export function recipeDigest(preset: Preset, watermarks: Record<string, Watermark>): string {
  const { priority: _, ...recipeOfPreset } = preset;
  const recipe = { preset: recipeOfPreset, watermarks: preset.watermarks.map((name) => watermarks[name]) };
  return createHash('sha256').update(canonical(recipe)).digest('hex').slice(0, 8);
}

/**
 * Key of a variant: `derived/<tenant>/<imageId>/<preset>.<recipe>.<bytes>.<ext>`. It contains the hash of the bytes, so
 * that an existing object is the same variant (I2).
 * @param sha256 of the variant's bytes, in hex.
 */
export function variantKey(
  image: ImageRef,
  {
    preset,
    recipe,
    sha256,
    format,
  }: { preset: string; recipe: string; sha256: string; format: VariantFormat },
): string {
  return `${derivedPrefix(image)}${preset}.${recipe}.${sha256.slice(0, 12)}.${extensionOf[format]}`;
}

/** JSON with sorted keys, so that the order of a configuration file does not matter. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
