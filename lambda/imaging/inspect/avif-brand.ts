import { brandsOf } from './iso-boxes.ts';

const brand = { still: 'avif', sequence: 'avis' } as const;
const majorBrand = 8;

/**
 * Whether a file says that it is a still AVIF (AV1-ISOBMFF, 6.3): by any of its brands, as cameras and some encoders call
 * it `mif1` or `miaf` first. What is a sequence first is none to us.
 */
export function isBrandedAvif(bytes: Uint8Array): boolean {
  const [major, ...others] = brandsOf(bytes);
  return major === brand.still || (major !== brand.sequence && others.includes(brand.still));
}

/**
 * The file with `avif` as its major brand, a copy where it has another one: libvips takes AV1 for HEVC where it is not,
 * and `miaf` for no picture at all. Whether it is AV1 the codec sees by itself.
 */
export function withAvifFirst(bytes: Uint8Array): Uint8Array {
  if (!isBrandedAvif(bytes) || brandsOf(bytes)[0] === brand.still) return bytes;
  const copy = Buffer.from(bytes);
  copy.write(brand.still, majorBrand, 'latin1');
  return copy;
}
