import { brandsOf } from './iso-boxes.ts';

const brand = { still: 'avif', sequence: 'avis' } as const;
const majorBrand = 8;

/**
 * Whether a file is a still AVIF (AV1-ISOBMFF, 6.3), by any of its brands: cameras and some encoders put `mif1` or `miaf`
 * first. Files that are sequences first are not accepted.
 */
export function isBrandedAvif(bytes: Uint8Array): boolean {
  const [major, ...others] = brandsOf(bytes);
  return major === brand.still || (major !== brand.sequence && others.includes(brand.still));
}

/**
 * The file with `avif` as its major brand, a copy where it has another one: otherwise libvips takes AV1 for HEVC, and
 * `miaf` for no image. The codec itself checks that it is AV1.
 */
export function withAvifFirst(bytes: Uint8Array): Uint8Array {
  if (!isBrandedAvif(bytes) || brandsOf(bytes)[0] === brand.still) return bytes;
  const copy = Buffer.from(bytes);
  copy.write(brand.still, majorBrand, 'latin1');
  return copy;
}
