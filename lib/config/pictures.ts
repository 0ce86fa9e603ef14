import { z } from 'zod';
import { longestBoxSide } from '../../lambda/domain/box.ts';
import { modernFormats } from '../../lambda/domain/formats.ts';
import { gravities, strategies } from '../../lambda/domain/gravity.ts';
import { placeholderHashes } from '../../lambda/domain/image.ts';
import {
  animations,
  credits,
  fits,
  type PresetFormat,
  presetFormats,
  priorities,
} from '../../lambda/domain/preset.ts';
import { isTarget } from '../../lambda/domain/quality.ts';
import { edges } from '../../lambda/domain/watermark.ts';
import { quality } from './quality.ts';

/* The sections of sluice.config.ts about images. */

export const pictureName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'must be 1-32 of a-z, 0-9, - and _, beginning with a letter');
const side = z.int().min(1).max(longestBoxSide);
const color = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour like #ffffff');

/** WebP's effort by profile: 2 takes half the time and 2-10 % more bytes at equal score (bench/codecs). */
const webpEffort = { balanced: 4, fast: 2 } as const;

/** Formats that `modern` can become, or that an upload can make `original` become. */
const ofModern: readonly string[] = [...modernFormats, 'original'];

/** Encoders' numbers are of before there were scores, when presets made these: an AVIF would have a number nobody chose. */
const usualFormats = { score: ['modern', 'jpeg'], numbers: ['webp', 'jpeg'] } as const satisfies Record<
  string,
  readonly PresetFormat[]
>;

export const preset = z
  .strictObject({
    width: side.optional(),
    height: side.optional(),
    fit: z.enum(fits).default('inside'),
    gravity: z.enum([...gravities, ...strategies]).default('center'),
    background: z.union([color, z.literal('transparent')]).default('#ffffff'),
    enlarge: z.boolean().default(false),
    formats: z.array(z.enum(presetFormats)).min(1).optional(),
    quality,
    profile: z.enum(['balanced', 'fast']).default('balanced'),
    effort: z
      .strictObject({
        webp: z.int().min(0).max(6).optional(),
        jpeg: z.int().min(0).max(1).default(0),
        png: z.int().min(0).max(9).default(6),
        /** The encoder's own default of 4 takes about 50 times as long for about 5 % fewer bytes at equal score (bench/codecs). */
        avif: z.int().min(0).max(9).default(0),
      })
      .prefault({}),
    sharpen: z.union([z.literal(0), z.number().min(0.3).max(10)]).default(0),
    animation: z.enum(animations).default('keep'),
    metadata: z.array(z.enum(credits)).default([]),
    watermarks: z.array(pictureName).max(4).default([]),
    /** Images of which all presets are `bulk` are refused first and admitted last. */
    priority: z.enum(priorities).optional(),
  })
  .refine((p) => p.width !== undefined || p.height !== undefined, {
    error: 'needs a width, a height or both',
  })
  .refine((p) => p.fit === 'inside' || (p.width !== undefined && p.height !== undefined), {
    error: 'fit "cover", "contain" and "fill" need both width and height',
  })
  .refine((p) => p.fit === 'cover' || !strategies.some((strategy) => strategy === p.gravity), {
    error: '"attention" and "entropy" choose what fit "cover" keeps; other fits crop nothing',
    path: ['gravity'],
  })
  .refine(({ formats = [] }) => new Set(formats).size === formats.length, {
    error: 'names a format twice',
    path: ['formats'],
  })
  .refine(
    ({ formats = [] }) => !formats.includes('modern') || !formats.some((one) => ofModern.includes(one)),
    {
      error: '"modern" is AVIF or WebP by itself; only "jpeg" and "png" can stand beside it',
      path: ['formats'],
    },
  )
  .transform(({ profile, effort, formats, ...rest }) => ({
    ...rest,
    formats: formats ?? [...usualFormats[isTarget(rest.quality) ? 'score' : 'numbers']],
    effort: { ...effort, webp: effort.webp ?? webpEffort[profile] },
  }));

const placement = {
  gravity: z.enum(gravities).default('southeast'),
  scale: z.number().gt(0).max(1).default(0.25),
  margin: z.number().min(0).max(0.5).default(0.03),
  opacity: z.number().gt(0).max(1).default(0.6),
  rotation: z.number().min(-180).max(180).default(0),
  tile: z.boolean().default(false),
  spacing: z.number().min(0).max(10).default(0.5),
  minWidth: z.int().min(0).max(8192).default(0),
};
export const watermark = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('image'), path: z.string().min(1), ...placement }),
  z.strictObject({
    type: z.literal('text'),
    text: z
      .string()
      .min(1)
      .max(200)
      .refine((text) => text.trim() !== '', 'must not be blank')
      .refine(
        (text) => !/\{(?!tenant\}|year\})[^{}]*\}/.test(text),
        'knows only {tenant} and {year} in braces',
      ),
    color: color.default('#ffffff'),
    edge: z.enum(edges).default('shadow'),
    ...placement,
  }),
]);

const mebi = 1024 * 1024;
/** A limit in bytes, from its largest and its usual number of MiB. */
const byteLimit = (most: number, usual: number) =>
  z
    .int()
    .min(1)
    .max(most * mebi)
    .default(usual * mebi);

export const limits = z.strictObject({
  /** 25 MiB: the largest phone photographs (50 megapixels, best quality) are about 20. */
  maxBytes: byteLimit(100, 25),
  /** 40 megapixels: 160 MB of RGBA. */
  maxPixels: z.int().min(1).max(268_000_000).default(40_000_000),
  /** JPEG shrinks while it is decoded, and phones of 48 and 50 megapixels are common. */
  maxPixelsJpeg: z.int().min(1).max(268_000_000).default(64_000_000),
  /**
   * Reducing rows takes memory by their width: 786464 × 32 pixels 1.9 GB, 65500 × 610 in 16 bits 0.9, 32767 × 1220 0.6.
   * Screenshots of long pages have 20,000.
   */
  maxSide: z.int().min(1).max(65_500).default(32_767),
  /** A 382 kB JPEG with 2,080 scans takes 10 s; cameras write at most about 10. */
  maxScans: z.int().min(1).max(10_000).default(100),
  maxPages: z.int().min(1).max(100_000).default(10_000),
  /** Frames × pixels of an animation, read or made: 160 MB of RGBA are held at once. */
  maxFramePixels: z.int().min(1).max(268_000_000).default(40_000_000),
  /** An ICC profile: those of printers are 0.5-3 MB, of cameras and screens a few kB. */
  maxProfileBytes: byteLimit(25, 4),
  /** Wall clock of one decode, after which the child process is killed. */
  decodeTimeoutMs: z.int().min(100).max(600_000).default(20_000),
});

export const inputs = z.strictObject({
  tiff: z.boolean().default(true),
  /** Off: its codec is the newest and largest, and phones send JPEG. */
  avif: z.boolean().default(false),
});

export const placeholder = z.enum([...placeholderHashes, 'none']).default('thumbhash');
