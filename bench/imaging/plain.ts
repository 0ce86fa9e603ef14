import sharp from 'sharp';
import type { Preset, Watermark } from '../../lambda/domain/preset.ts';
import type { Settings } from '../../lambda/domain/settings.ts';
import { drawTextMark, textAspect } from '../../lambda/imaging/mark-text.ts';
import { markWidth, placeMark } from '../../lambda/imaging/placement.ts';
import type { Raster } from '../../lambda/imaging/raster.ts';

/** A watermark that is drawn already and has its place: what it costs to draw is no part of the comparison. */
interface Overlay {
  mark: Raster;
  left: number;
  top: number;
}

export type PlainPlan = { name: string; preset: Preset; overlays: Overlay[] }[];

/** Draws the marks that the plain way will composite, for an original of this size. */
export async function planPlain(
  settings: Settings,
  presetNames: readonly string[],
  original: { width: number; height: number },
): Promise<PlainPlan> {
  return Promise.all(
    presetNames.map(async (name) => {
      const preset = settings.presets[name] as Preset;
      const scale = Math.min(
        1,
        (preset.width ?? 1e9) / original.width,
        (preset.height ?? 1e9) / original.height,
      );
      const size = {
        width: Math.round(original.width * scale),
        height: Math.round(original.height * scale),
      };
      const marks = preset.watermarks.map((mark) => settings.watermarks[mark] as Watermark);
      return { name, preset, overlays: (await Promise.all(marks.map((mark) => overlay(size, mark)))).flat() };
    }),
  );
}

async function overlay(size: { width: number; height: number }, mark: Watermark): Promise<Overlay[]> {
  if (mark.type !== 'text') throw new Error('the benchmark compares text watermarks only');
  const width = markWidth(size, mark, await textAspect(mark));
  if (width === undefined) return [];
  const drawn = await drawTextMark(mark, width);
  return placeMark(size, mark, drawn).map(({ left, top }) => ({ mark: drawn, left, top }));
}

/** The plain way: for each variant one pipeline of its own, from the original. */
export async function makePlain(bytes: Buffer, plan: PlainPlan): Promise<{ name: string; bytes: Buffer }[]> {
  const variants = [];
  for (const { name, preset, overlays } of plan) {
    for (const format of preset.formats) {
      const pipeline = sharp(bytes)
        .autoOrient()
        .resize({
          ...(preset.width === undefined ? {} : { width: preset.width }),
          ...(preset.height === undefined ? {} : { height: preset.height }),
          fit: 'inside',
          withoutEnlargement: true,
        });
      if (overlays.length > 0)
        pipeline.composite(
          overlays.map(({ mark: { data, width, height, channels }, left, top }) => ({
            input: data,
            raw: { width, height, channels },
            left,
            top,
          })),
        );
      const encoded = pipeline[format]({ quality: preset.quality[format] });
      variants.push({ name: `${name}.${format}`, bytes: await encoded.toBuffer() });
    }
  }
  return variants;
}
