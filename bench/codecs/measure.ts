import { join } from 'node:path';
import { machine } from '../imaging/report/machine.ts';
import { equalScores } from './analysis/equal.ts';
import { middle, quartiles } from './analysis/quartiles.ts';
import { encoderVersions } from './encode.ts';
import { hasButteraugli } from './judges/butteraugli.ts';
import { installJudge } from './judges/ssimulacra2.ts';
import { judge } from './measures/judging.ts';
import { measureMemory } from './measures/memory.ts';
import { type Encoded, prepare, referenceFile, time } from './measures/timing.ts';
import { type Kind, kinds } from './pictures/kinds.ts';
import { pictures, type Size, sizes } from './pictures/pictures.ts';
import type { PictureRecord, Result, SettingRecord } from './result.ts';
import type { Measured } from './samples.ts';
import { type Setting, settings } from './settings.ts';

interface Plan {
  kinds: readonly Kind[];
  /** Pictures of each kind at most. */
  most: number;
  sizes: readonly Size[];
  settings: readonly Setting[];
  rounds: number;
}

const quickSettings = ['jpeg-420', 'webp-2', 'webp-4', 'avif-0-420', 'png-palette'];
const plans: Record<'quick' | 'full', Plan> = {
  quick: {
    kinds: ['photo', 'text', 'captioned-photo'],
    most: 1,
    sizes: [800, 320],
    settings: settings.filter(({ name }) => quickSettings.includes(name)).map(everyOther),
    rounds: 2,
  },
  full: { kinds, most: Number.POSITIVE_INFINITY, sizes, settings, rounds: 2 },
};

/** A part of a run. */
export interface Part {
  quick: boolean;
  kinds?: readonly Kind[] | undefined;
  most?: number | undefined;
}

/** Measures everything: first the encoders, then the judges, then memory. Files go into `folder`. */
export async function measure(
  { quick, ...part }: Part,
  folder: string,
  say: (line: string) => void,
  onMeasured: (one: Measured) => void,
): Promise<Result> {
  const plan = plans[quick ? 'quick' : 'full'];
  await installJudge(say);
  const second = await hasButteraugli();
  if (!second)
    say('SKIPPED: the second judge, because butteraugli_main is not installed (Debian: libjxl-devtools).');
  const chosen = pictures(say, { only: part.kinds ?? plan.kinds, most: part.most ?? plan.most });
  const encoded = await prepare(chosen, plan.settings, plan.sizes, folder, say);
  const changed = await time(encoded, plan.rounds, say);
  const agreement = await judge(encoded, second, say, (one) => onMeasured(measuredOf(one)));
  const measured = encoded.map(measuredOf);
  const largest = encoded.find(({ size }) => size === plan.sizes[0]) as Encoded;
  const encoders = await measureMemory(plan.settings, join(largest.folder, referenceFile), say);
  return {
    quick,
    rounds: plan.rounds,
    pictures: recordsOf(measured),
    settings: plan.settings.map(settingRecord),
    equal: equalScores(measured),
    memory: { picture: largest.picture, width: largest.width, height: largest.height, encoders },
    checks: { ...spreadOf(measured), changed, agreement },
    machine: machine(),
    encoders: encoderVersions(),
    judges: {
      first: 'SSIMULACRA2 (ssimulacra2 0.3.0)',
      ...(second ? { second: 'Butteraugli, 3-norm (butteraugli_main of libjxl)' } : {}),
    },
  };
}

function measuredOf({ entries, folder: _, twice: __, ...one }: Encoded): Measured {
  return { ...one, samples: entries.map(({ sample }) => sample) };
}

function recordsOf(measured: readonly Measured[]): PictureRecord[] {
  return [...Map.groupBy(measured, ({ picture }) => picture)].map(([name, sizes]) => ({
    name,
    kind: (sizes[0] as Measured).kind,
    source: (sizes[0] as Measured).source,
    sizes: sizes.map(({ size, width, height }) => ({ size, width, height })),
  }));
}

function settingRecord({ name, label, family, subsampling, effort, level, ladder, scope, encoder }: Setting) {
  const record: SettingRecord = { name, label, format: encoder.format, family, subsampling, level, ladder };
  return {
    ...record,
    ...(effort === undefined ? {} : { effort }),
    ...(scope === undefined ? {} : { scope }),
  };
}

function spreadOf(measured: readonly Measured[]) {
  const all = measured.flatMap(({ samples }) => samples.map(({ cpuMs }) => cpuMs));
  const spreads = all
    .filter((rounds) => rounds.length > 1)
    .map((rounds) => (Math.max(...rounds) - Math.min(...rounds)) / middle(rounds));
  const { median = 0, upper = 0 } = quartiles(spreads) ?? {};
  return { encodes: all.reduce((sum, rounds) => sum + rounds.length, 0), cpuSpread: { median, upper } };
}

/** Levels enough to see that all works, in half the time. */
function everyOther(setting: Setting): Setting {
  return { ...setting, ladder: setting.ladder.filter((_, at) => at % 2 === 0) };
}
