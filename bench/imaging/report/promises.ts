import type { Camera } from '../equal/cameras.ts';
import { greatestLoss, type WayVariants } from '../equal/variant.ts';
import type { Fidelity } from '../measures/fidelity.ts';
import type { LongRun } from '../measures/jobs.ts';
import type { Pairs } from '../measures/pairs.ts';
import { cpuRatio, middle, type Runs } from '../measures/rounds.ts';
import type { Missing } from '../peers/peer.ts';
import type { Promised } from './promise.ts';

/** All measurements; some are absent, for example with `--quick`. */
export interface Measured {
  runs: Runs;
  missing: readonly Missing[];
  fidelity: readonly Fidelity[];
  /** None without a judge. */
  variants: readonly WayVariants[];
  /** Both formats of photographs of cameras. */
  pairs?: Pairs;
  /** CPU at equal score on photographs of cameras. */
  cameras: readonly Camera[];
  /** CPU through the child by CPU in process. */
  overhead: number | undefined;
  peaks?: { baselineMb: number; progressiveMb: number };
  longRun?: LongRun;
  startup?: { importMs: number; codeKb: number };
}

const notQuick = 'not in --quick';

/** The table of promises, filled in. */
export function promises(measured: Measured): Promised[] {
  const { runs, fidelity, variants, pairs, cameras, overhead, peaks, longRun, startup } = measured;
  const why = (...names: string[]) => measured.missing.find(({ name }) => names.includes(name))?.why;
  const camera = (of: (one: Camera) => number) =>
    cameras.length === 0 ? undefined : middle(cameras.map(of));
  const onlyCameras = why('the judge') ?? 'only whole runs beside photographs of cameras';
  const lead = Math.min(...fidelity.map(({ sluiceDb, plainDb }) => sluiceDb - plainDb));
  return [
    {
      measure:
        'CPU of the default job against the defaults before, the modern format at no lower score in any size',
      unit: '',
      seen: cpuRatio(runs, 'matched', 'fixed'),
      must: 0.8,
      aim: 0.7,
      why: why('the judge'),
    },
    {
      measure: 'the same: greatest loss of score in any size',
      unit: 'points',
      seen: greatestLoss(variants, 'matched', 'fixed'),
      must: 0,
      why: why('the judge'),
    },
    {
      measure: 'CPU of the defaults as they are against the defaults before',
      unit: '',
      seen: cpuRatio(runs, 'sluice', 'fixed'),
      aim: 0.8,
    },
    {
      measure: 'CPU of the default job at no lower score, on photographs of cameras: median',
      unit: '',
      seen: camera(({ ofFixed }) => ofFixed),
      aim: 0.8,
      why: onlyCameras,
    },
    {
      measure: 'CPU against six plain sharp pipelines at equal score',
      unit: '',
      seen: cpuRatio(runs, 'sluice', 'plain-equal'),
      must: 0.4,
      aim: 0.33,
      why: why('the judge'),
    },
    {
      measure: 'the same, they too in AVIF of effort 0',
      unit: '',
      seen: cpuRatio(runs, 'sluice', 'plain-equal-same'),
      aim: 0.4,
      why: why('the judge') ?? notQuick,
    },
    {
      measure: 'CPU against six in WebP and JPEG on photographs of cameras: median',
      unit: '',
      seen: camera(({ ofPlain }) => ofPlain),
      aim: 0.4,
      why: onlyCameras,
    },
    {
      measure: 'score between the formats of one photograph, which the calibration knows: median',
      unit: 'points',
      seen: pairs?.median,
      must: 3,
      why: onlyCameras,
    },
    {
      measure: 'the same: nine in ten',
      unit: 'points',
      seen: pairs?.p90,
      must: 6,
      why: onlyCameras,
    },
    {
      measure: 'CPU against the codec floor at equal score',
      unit: '',
      seen: cpuRatio(runs, 'sluice', 'floor'),
      must: 1.35,
      aim: 1.2,
      why: why('floor'),
    },
    {
      measure: 'CPU against warm Pillow with the same cascade at equal score',
      unit: '',
      seen: cpuRatio(runs, 'sluice', 'pillow-equal'),
      must: 1.02,
      aim: 0.9,
      why: why('Pillow', 'the judge'),
    },
    {
      measure: 'Display P3 photograph against an sRGB one',
      unit: '',
      seen: cpuRatio(runs, 'sluice-p3', 'sluice'),
      must: 1.15,
      aim: 1.07,
      why: 'not with --file',
    },
    {
      measure: 'fidelity of the worst size to a Lanczos of the whole original',
      unit: 'dB',
      seen: Math.min(...fidelity.map(({ sluiceDb }) => sluiceDb)),
      must: 44,
    },
    { measure: 'the same, least lead over plain sharp in any size', unit: 'dB', seen: lead, aim: 0 },
    {
      measure: 'peak RSS of the decoder child, 50 megapixels baseline',
      unit: 'MB',
      seen: peaks?.baselineMb,
      must: 200,
      aim: 160,
      why: notQuick,
    },
    {
      measure: 'the same, progressive',
      unit: 'MB',
      seen: peaks?.progressiveMb,
      must: 450,
      aim: 420,
      why: notQuick,
    },
    {
      measure: '500 mixed jobs: peak',
      unit: 'MB',
      seen: longRun?.peakMb,
      must: 430,
      aim: 300,
      why: notQuick,
    },
    {
      measure: '500 mixed jobs: growth of the resident size after job 150',
      unit: '%',
      seen: longRun === undefined ? undefined : (longRun.lateMb / longRun.earlyMb - 1) * 100,
      must: 15,
      why: notQuick,
    },
    {
      measure: 'the child’s protocol: CPU above the same work in process',
      unit: '%',
      seen: overhead === undefined ? undefined : (overhead - 1) * 100,
      must: 5,
      aim: 2,
      why: notQuick,
    },
    {
      measure: 'code of process, minified (by the last `npm run bench -- startup`)',
      unit: 'kB',
      seen: startup?.codeKb,
      must: 600,
    },
    {
      measure: 'import of process with a compile cache (the same)',
      unit: 'ms',
      seen: startup?.importMs,
      must: 65,
      aim: 40,
    },
  ];
}
