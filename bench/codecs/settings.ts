import type { AvifOptions, JpegOptions, PngOptions, WebpOptions } from 'sharp';
import { groups, type Kind } from './pictures/kinds.ts';
import type { Size } from './pictures/pictures.ts';

export type Encoder =
  | { format: 'jpeg'; options(level: number): JpegOptions }
  | { format: 'webp'; options(level: number): WebpOptions }
  | { format: 'avif'; options(level: number): AvifOptions }
  | { format: 'png'; options(level: number): PngOptions };

/** One way to encode, with the levels that are measured: qualities, or what the format has instead. */
export interface Setting {
  name: string;
  label: string;
  family: Family;
  subsampling: '4:2:0' | '4:4:4' | 'none';
  /** The encoder's effort where it has one. */
  effort?: number;
  /** Of less to more quality; one of a lossless setting. */
  ladder: readonly number[];
  /** What a level is. */
  level: 'quality' | 'near-lossless level' | 'none';
  encoder: Encoder;
  /** Where it is measured; absent: on all pictures at all sizes. */
  scope?: Scope;
}
/** What is no candidate for a default is measured on less. */
export interface Scope {
  /** Kinds of which all pictures are measured; of the others one. */
  all?: readonly Kind[];
  /** Kinds that are measured at all. */
  only?: readonly Kind[];
  upTo?: Size;
}
export type Family = 'jpeg' | 'mozjpeg' | 'webp' | 'webp-lossless' | 'avif-420' | 'avif-444' | 'png';

/** What all others are compared with. */
export const reference = 'webp-4';

/*
 * Scores of 50 to 90 lie within each ladder for most pictures. Scores in between are interpolated, so six levels for what
 * may become a default, four or five for the rest.
 */
const jpegLadder = [30, 50, 66, 76, 85, 93];
const jpegFewer = [30, 55, 72, 82, 92];
const webpLadder = [25, 48, 65, 77, 87, 95];
const webpFewer = [25, 55, 76, 92];
const avifLadder = [36, 47, 56, 64, 72, 83];
const avifFewer = [38, 52, 63, 76];
const avifFewest = [40, 56, 72];

/** One picture of each kind. */
const one: Scope = { all: [] };
/** What loses nothing, or colours alone, is for graphics. */
const graphics: Scope = { all: [...groups.graphic, ...groups.mixed] };
const scoped = (scope: Scope | undefined) => (scope === undefined ? {} : { scope });

const jpeg = (
  name: string,
  label: string,
  subsampling: '4:2:0' | '4:4:4',
  options: JpegOptions,
  family: Family = 'mozjpeg',
  scope?: Scope,
): Setting => ({
  ...{ name, label, family, subsampling, level: 'quality', ...scoped(scope) },
  ladder: family === 'jpeg' ? jpegLadder : jpegFewer,
  encoder: {
    format: 'jpeg',
    options: (quality) => ({ quality, chromaSubsampling: subsampling, ...options }),
  },
});

const webp = (effort: number, smartSubsample = false): Setting => ({
  name: `webp-${effort}${smartSubsample ? '-sharp-yuv' : ''}`,
  label: `WebP effort ${effort}${smartSubsample ? ', sharp YUV' : ''}`,
  ...{ family: 'webp', subsampling: '4:2:0', level: 'quality', effort },
  ladder: effort === 2 || effort === 4 ? webpLadder : webpFewer,
  ...scoped([1, 3, 5, 6].includes(effort) ? one : undefined),
  encoder: { format: 'webp', options: (quality) => ({ quality, effort, smartSubsample }) },
});

/** Effort 2 takes 0.3 s of CPU for 800 pixels, effort 4 2 s, and effort 9 13 s for 320. */
const avifScope = (effort: number): Scope | undefined => {
  if (effort === 0) return undefined;
  if (effort < 3) return { all: [], upTo: 800 };
  if (effort < 5) return { all: [], upTo: 320 };
  return { all: [], only: ['photo', 'text'], upTo: 320 };
};

const avif = (effort: number, subsampling: '4:2:0' | '4:4:4'): Setting => ({
  name: `avif-${effort}-${subsampling.replaceAll(':', '')}`,
  label: `AVIF effort ${effort}, ${subsampling}`,
  family: subsampling === '4:2:0' ? 'avif-420' : 'avif-444',
  ...{ subsampling, level: 'quality', effort },
  ladder: effort === 0 ? avifLadder : effort < 5 ? avifFewer : avifFewest,
  encoder: { format: 'avif', options: (quality) => ({ quality, effort, chromaSubsampling: subsampling }) },
  ...scoped(avifScope(effort)),
});

const lossless = (effort: number, scope?: Scope): Setting => ({
  name: `webp-lossless-${effort}`,
  label: `WebP lossless, effort ${effort}`,
  ...{ family: 'webp-lossless', subsampling: 'none', level: 'none', effort, ladder: [100], ...scoped(scope) },
  encoder: { format: 'webp', options: () => ({ lossless: true, effort }) },
});

/** Up to 256 colours, as few as give the quality of libimagequant. */
const palette = (effort: number, qualities: readonly number[], scope?: Scope): Setting => ({
  name: `png-palette${effort === 7 ? '' : `-e${effort}`}`,
  label: `PNG, palette, effort ${effort}`,
  ...{ family: 'png', subsampling: 'none', level: 'quality', effort, ladder: qualities, ...scoped(scope) },
  encoder: { format: 'png', options: (quality) => ({ palette: true, quality, effort }) },
});

/** mozjpeg's trellis and its quantisation table without its progressive scans. */
const trellis = { trellisQuantisation: true, overshootDeringing: true, quantisationTable: 3 };

export const settings: readonly Setting[] = [
  jpeg('jpeg-420', 'JPEG 4:2:0', '4:2:0', {}, 'jpeg'),
  jpeg('jpeg-444', 'JPEG 4:4:4', '4:4:4', {}, 'jpeg'),
  jpeg('jpeg-trellis-420', 'JPEG 4:2:0, trellis, baseline', '4:2:0', trellis, 'mozjpeg', one),
  jpeg('mozjpeg-420', 'mozjpeg 4:2:0', '4:2:0', { mozjpeg: true }),
  jpeg('mozjpeg-444', 'mozjpeg 4:4:4', '4:4:4', { mozjpeg: true }),
  ...([0, 1, 2, 3, 4, 5, 6] as const).map((effort) => webp(effort)),
  webp(4, true),
  {
    name: 'webp-near-lossless',
    label: 'WebP near-lossless, effort 4',
    ...{
      family: 'webp-lossless',
      subsampling: 'none',
      level: 'near-lossless level',
      effort: 4,
      scope: graphics,
    },
    ladder: [20, 60],
    encoder: { format: 'webp', options: (quality) => ({ nearLossless: true, quality, effort: 4 }) },
  },
  ...[lossless(0, graphics), lossless(2, graphics), lossless(4, graphics), lossless(6, one)],
  ...([0, 1, 2, 3, 4] as const).flatMap((effort) => [avif(effort, '4:2:0'), avif(effort, '4:4:4')]),
  ...([5, 6, 7, 8, 9] as const).map((effort) => avif(effort, '4:2:0')),
  {
    name: 'avif-0-420-ssim',
    label: 'AVIF effort 0, 4:2:0, tuned for SSIM',
    ...{ family: 'avif-420', subsampling: '4:2:0', level: 'quality', effort: 0, ladder: avifFewer },
    scope: one,
    encoder: {
      format: 'avif',
      // All others are tuned for IQ, which sharp's `auto` means, and which was made with SSIMULACRA2 at hand.
      options: (quality) => ({ quality, effort: 0, chromaSubsampling: '4:2:0', tune: 'ssim' }),
    },
  },
  palette(7, [60, 85, 100], graphics),
  ...([1, 4, 10] as const).map((effort) => palette(effort, [60, 100], one)),
  {
    name: 'png-palette-16',
    label: 'PNG, palette of 16',
    ...{ family: 'png', subsampling: 'none', level: 'none', effort: 7, ladder: [16], scope: graphics },
    // 4 bits a pixel; any more colours, up to 256, are written with 8.
    encoder: { format: 'png', options: (colours) => ({ palette: true, colours }) },
  },
  {
    name: 'png',
    label: 'PNG, full colour',
    ...{ family: 'png', subsampling: 'none', level: 'none', ladder: [100], scope: graphics },
    encoder: { format: 'png', options: () => ({ compressionLevel: 6, adaptiveFiltering: true }) },
  },
];

export function settingOf(name: string): Setting {
  const found = settings.find((setting) => setting.name === name);
  if (found === undefined) throw new Error(`There is no setting "${name}".`);
  return found;
}
