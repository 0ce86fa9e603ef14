import type { Effort } from '../measures/effort.ts';
import type { Fidelity } from '../measures/fidelity.ts';
import type { LongRun } from '../measures/jobs.ts';
import { cpuRatio, type Runs } from '../measures/rounds.ts';
import type { Missing } from '../peers/peer.ts';
import type { Promised } from './promise.ts';

/** All measurements; some are absent, for example with `--quick`. */
export interface Measured {
  runs: Runs;
  missing: readonly Missing[];
  fidelity: readonly Fidelity[];
  effort: readonly Effort[];
  /** CPU through the child by CPU in process. */
  overhead: number | undefined;
  peaks?: { baselineMb: number; progressiveMb: number };
  longRun?: LongRun;
  startup?: { importMs: number; codeKb: number };
}

const notQuick = 'not in --quick';

/** The table of promises, filled in. */
export function promises(measured: Measured): Promised[] {
  const { runs, fidelity, effort, overhead, peaks, longRun, startup } = measured;
  const why = (name: string) => measured.missing.find((missing) => missing.name === name)?.why;
  const sum = (of: (size: Effort) => number) => effort.reduce((all, size) => all + of(size), 0);
  const more = (bytes: (size: Effort) => number) =>
    (sum(bytes) / sum(({ balanced }) => balanced.bytes) - 1) * 100;
  const lead = Math.min(...fidelity.map(({ sluiceDb, plainDb }) => sluiceDb - plainDb));
  return [
    {
      measure: 'CPU against six plain sharp pipelines',
      unit: '',
      seen: cpuRatio(runs, 'sluice', 'plain'),
      must: 0.53,
    },
    {
      measure: 'CPU of the fast profile against them',
      unit: '',
      seen: cpuRatio(runs, 'fast', 'plain'),
      aim: 0.33,
    },
    {
      measure: 'bytes of the fast profile’s WebP at equal SSIM, more than effort 4',
      unit: '%',
      seen: more((size) => size.equalBytes),
      aim: 9,
    },
    {
      measure: 'CPU against the codec floor',
      unit: '',
      seen: cpuRatio(runs, 'sluice', 'floor'),
      must: 1.35,
      aim: 1.2,
      why: why('floor'),
    },
    {
      measure: 'CPU against warm Pillow with the same cascade',
      unit: '',
      seen: cpuRatio(runs, 'sluice', 'pillow'),
      must: 1.02,
      aim: 0.9,
      why: why('Pillow'),
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
      aim: 350,
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
