import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LossyFormat } from '../../../lambda/domain/quality.ts';
import { isGraphic } from '../../../lambda/imaging/encode/look/graphic.ts';
import { type Look, lookOf } from '../../../lambda/imaging/encode/look/look.ts';
import { decode, encode } from '../encode.ts';
import { writePpm } from '../judges/ppm.ts';
import { installJudge, type Ssimulacra2, startSsimulacra2 } from '../judges/ssimulacra2.ts';
import { throttled } from '../measures/timing.ts';
import { faded, saturations } from '../pictures/faded.ts';
import type { Kind } from '../pictures/kinds.ts';
import { type Picture, pictures, type Sized, sized, sizes } from '../pictures/pictures.ts';
import { type Encoder, settingOf } from '../settings.ts';

/** One picture at one size in one format: the score and the bytes of each level that was tried. */
export interface Observation {
  picture: string;
  /** The photograph that a picture is drawn around, or itself. */
  family: string;
  kind: Kind;
  source: 'camera' | 'drawn';
  /** Of a copy of a photograph: the share of its colour that is left. */
  saturation?: number;
  size: number;
  format: LossyFormat;
  graphic: boolean;
  look: Look;
  /** Bytes of a graphic as WebP without loss. */
  lossless?: number;
  /** Level, score and bytes, by level. */
  levels: [number, number, number][];
}

/** Wider than those of the comparison: a gradient has score 60 at AVIF 20, and the sharpest text needs JPEG 96. */
const ladders: Record<LossyFormat, readonly number[]> = {
  jpeg: [12, 22, 34, 48, 62, 74, 84, 92, 96],
  webp: [5, 15, 30, 48, 62, 75, 85, 92, 97],
  avif: [16, 26, 36, 46, 55, 63, 71, 80, 88],
};
/** Levels are tried downwards until the score is below this, and not where it is above that. */
const wanted = { least: 36, most: 93 };

/** The encoders that a target uses, for pictures and for graphics: as lambda/imaging/encode has them. */
export function encoderFor(format: LossyFormat, graphic: boolean): Encoder {
  const sampling = graphic ? '444' : '420';
  if (format === 'webp' && graphic)
    return { format, options: (quality) => ({ quality, effort: 2, smartSubsample: true }) };
  return settingOf({ jpeg: `jpeg-${sampling}`, webp: 'webp-4', avif: `avif-0-${sampling}` }[format]).encoder;
}

/** A picture as it is, or a copy with less colour. */
interface Subject {
  name: string;
  picture: Picture;
  saturation?: number;
}

/** Every picture, and the copies of photographs of cameras. */
function subjects(say: (line: string) => void): Subject[] {
  return pictures(say).flatMap((picture) => {
    const { name, source } = picture;
    const copies = source === 'camera' ? saturations : [];
    return [
      { name, picture },
      ...copies.map((saturation) => ({ name: `${name}-saturation-${saturation}`, picture, saturation })),
    ];
  });
}

/** Encodes and judges every picture at every size in the formats of a target. `onSeen` is told of each picture at once. */
export async function observe(
  say: (line: string) => void,
  onSeen: (all: Observation[]) => void,
  known: readonly Observation[] = [],
): Promise<void> {
  await installJudge(say);
  const quietly = throttled(say);
  const all = subjects(say);
  const waiting = all.entries();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-calibration-'));
  const lanes = ['a', 'b'].map(async (lane) => {
    const judge = startSsimulacra2();
    try {
      for (const [at, subject] of waiting) {
        quietly(`Calibrating: ${at + 1} of ${all.length}, ${subject.name}`);
        if (known.some((one) => one.picture === subject.name)) continue;
        onSeen(await observeSubject(subject, judge, join(folder, lane)));
      }
    } finally {
      judge.stop();
    }
  });
  await Promise.all(lanes).finally(() => rmSync(folder, { recursive: true, force: true }));
}

/** Copies at the two smaller sizes: what the size changes is known from the pictures themselves. */
async function observeSubject(
  { name, picture, saturation }: Subject,
  judge: Ssimulacra2,
  path: string,
): Promise<Observation[]> {
  const seen: Observation[] = [];
  const about = saturation === undefined ? {} : { source: 'drawn' as const, saturation };
  for (const one of await sized(picture)) {
    if (saturation !== undefined && one.size === sizes[0]) continue;
    const reference = `${path}-${name}-${one.size}.ppm`;
    const shown = saturation === undefined ? one : { ...one, raster: faded(one.raster, saturation) };
    writePpm(reference, shown.raster);
    for (const format of ['jpeg', 'webp', 'avif'] as const) {
      const observed = await observeFormat(shown, format, judge, { reference, distorted: `${path}.ppm` });
      seen.push({ ...observed, picture: name, ...about });
    }
    rmSync(reference);
  }
  return seen;
}

async function observeFormat(
  { picture, size, raster }: Sized,
  format: LossyFormat,
  judge: Ssimulacra2,
  { reference, distorted }: { reference: string; distorted: string },
): Promise<Observation> {
  const look = lookOf(raster);
  const graphic = isGraphic(look);
  const encoder = encoderFor(format, graphic);
  const levels: Observation['levels'] = [];
  for (const level of ladders[format].toReversed()) {
    const { bytes } = await encode(raster, encoder, level);
    writePpm(distorted, { ...raster, data: await decode(bytes) });
    const { score } = await judge.score(reference, distorted);
    if (score > wanted.most) levels.length = 0;
    levels.unshift([level, Number(score.toFixed(2)), bytes.length]);
    if (score < wanted.least) break;
  }
  const { name, family, kind, source } = picture;
  const lossless = graphic
    ? { lossless: (await encode(raster, settingOf('webp-lossless-2').encoder, 100)).bytes.length }
    : {};
  return { picture: name, family, kind, source, size, format, graphic, look, ...lossless, levels };
}
