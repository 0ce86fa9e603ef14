import { join } from 'node:path';
import { photographFiles } from '../codecs/pictures/photographs.ts';
import { buildProcess } from './build.ts';
import { type Camera, measureCameras } from './equal/cameras.ts';
import { type Judge, openJudge } from './equal/judge.ts';
import type { Scene } from './equal/scene.ts';
import type { WayVariants } from './equal/variant.ts';
import { type EqualWays, equalWays, judgeWays } from './equal/ways.ts';
import { compare, ownWays, peerWays, type Way } from './measures/comparison.ts';
import { measureFidelity } from './measures/fidelity.ts';
import { longRun } from './measures/jobs.ts';
import { peakOf } from './measures/memory.ts';
import { pairsIn } from './measures/pairs.ts';
import { floorParts, profile } from './measures/profile.ts';
import { cpuRatio, type Runs } from './measures/rounds.ts';
import { commandPeers } from './peers/command-peers.ts';
import { nodePeers } from './peers/node-peers.ts';
import { installed, type Missing, type Peer } from './peers/peer.ts';
import { pillow } from './peers/pillow.ts';
import { assorted } from './photographs/assorted.ts';
import { describe, type Photograph, photographNames, photographs } from './photographs/photographs.ts';
import { type Cost, costsOf } from './report/costs.ts';
import { machine, recordedStartup } from './report/machine.ts';
import { promises } from './report/promises.ts';
import type { Result } from './report/result.ts';
import { taskFile, writeTask } from './task.ts';
import type { Places } from './ways/ways.ts';

type Say = (line: string) => void;

export interface Wishes {
  quick?: boolean | undefined;
  file?: string | undefined;
  codecs?: string | undefined;
}

/** Rounds of the comparison; more for the two whose difference is a few per cent. */
const rounds = {
  quick: { count: 10, budgetMs: 20_000 },
  full: { count: 20 },
  other: { count: 6 },
  camera: { count: 3 },
  protocol: { count: 40 },
  profile: 10,
};
const jobs = 500;

/** Measures everything in the order of the report. Files go into `folder`. */
export async function measure(wishes: Wishes, folder: string, say: Say): Promise<Result> {
  const { quick, file, codecs } = wishes;
  const pictures = await choose(quick, file, say);
  const whole = !quick && file === undefined;
  const [small, real] = whole ? [await assorted(say), await realPhotographs(say)] : [[], []];
  const task = await writeTask([...pictures, ...small, ...real], folder);
  say('Building the function');
  const places: Places = { task: taskFile(folder), root: buildProcess(join(folder, 'built')) };
  const [photograph] = pictures as [Photograph];
  const scene: Scene = { photograph, task, places, folder };

  const { peers, missing } = await installed(quick ? [pillow] : [pillow, ...commandPeers, ...nodePeers], say);
  const judge = await openJudge(say);
  try {
    const equal = await equalOrNot(judge, { scene, peers, codecs, quick }, say);
    const p3 = pictures.find(({ name }) => name === 'display-p3')?.name;
    const own = ownWays(scene, p3).filter(({ name }) => !quick || name !== 'in-process');
    const ways: Way[] = [...own, ...peerWays(peers, scene), ...(equal.found?.ways ?? [])];
    const variants: WayVariants[] =
      equal.found === undefined ? [] : await judgeWays(ways, equal.found.scorer, say);

    const runs = await compare(ways, quick ? rounds.quick : rounds.full, say);
    const pair = ways.filter(({ name }) => name === 'sluice' || name === 'in-process');
    if (!quick) say('The protocol of the child');
    // A few rounds do not show a few per cent.
    const paired: Runs = quick ? new Map() : await compare(pair, rounds.protocol, say);
    const overhead = cpuRatio(paired, 'sluice', 'in-process');
    say('Fidelity');
    const fidelity = await measureFidelity(scene);
    const steps = quick ? [] : await profile(photograph.name, rounds.profile, places, folder);
    const cameras: Camera[] =
      'why' in judge ? [] : await measureCameras(real, scene, judge, rounds.camera, say);
    const pairs = pairsIn(cameras);
    const others = await compareOthers(quick ? [] : pictures.slice(1), scene, peers, say);
    const memory = quick ? [] : await peaksOf(pictures, places, say);
    const long = small.length === 0 ? undefined : await longRun(jobs, mixOf(pictures, small), places, say);
    const away = [...missing, ...equal.missing];
    return {
      promises: promises({
        ...{ runs, missing: away, fidelity, variants, cameras, overhead, startup: recordedStartup() },
        ...optional({ peaks: bounded(memory), longRun: long, pairs }),
      }),
      rounds: runs.get('plain')?.length ?? 0,
      picture: { width: photograph.width, height: photograph.height, bytes: photograph.bytes },
      costs: costsOf(runs, labelsOf(ways), 'plain'),
      ...{ variants, cameras, others, fidelity, steps, missing: away, machine: machine() },
      peaks: memory.map(({ label, peakMb }) => ({ label, peakMb })),
      floorParts: floorParts(runs),
      versions: [...peers.map(({ version }) => version), ...(equal.found?.versions ?? [])],
      ...optional({ longRun: long, pairs }),
    };
  } finally {
    if (!('why' in judge)) judge.stop();
  }
}

/** All that is compared at equal score needs the judge. */
async function equalOrNot(
  judge: Judge | Missing,
  options: Omit<Parameters<typeof equalWays>[0], 'judge'>,
  say: Say,
): Promise<{ found?: EqualWays; missing: Missing[] }> {
  if ('why' in judge) return { missing: [judge, { name: 'floor', why: judge.why }] };
  const found = await equalWays({ ...options, judge }, say);
  return { found, missing: found.missing };
}

async function choose(quick: boolean | undefined, file: string | undefined, say: Say): Promise<Photograph[]> {
  if (file !== undefined) return [await describe('file', file, file)];
  return photographs(quick ? ['jpeg-12', 'display-p3'] : photographNames, say);
}

/** Photographs of cameras beside the checkout, if there are any. */
async function realPhotographs(say: Say): Promise<Photograph[]> {
  const files = photographFiles(say);
  return Promise.all(files.map(({ name, path }) => describe(`camera-${name}`, name, path)));
}

/** Each photograph by Sluice, by six plain pipelines, and by Pillow where available. */
async function compareOthers(
  pictures: readonly Photograph[],
  scene: Scene,
  peers: readonly Peer[],
  say: Say,
): Promise<{ label: string; costs: Cost[] }[]> {
  const found = [];
  for (const photograph of pictures) {
    say(`In turns: ${photograph.label}`);
    const own = ownWays({ ...scene, photograph }, undefined).filter(({ name }) =>
      ['sluice', 'fixed', 'plain'].includes(name),
    );
    const python = peers.filter(({ name }) => name === 'pillow');
    const ways = [...own, ...peerWays(python, { ...scene, photograph })];
    const runs = await compare(ways, rounds.other, say);
    found.push({ label: photograph.label, costs: costsOf(runs, labelsOf(ways), 'plain') });
  }
  return found;
}

type Peak = Photograph & { peakMb: number };

async function peaksOf(pictures: readonly Photograph[], places: Places, say: Say): Promise<Peak[]> {
  const peaks: Peak[] = [];
  for (const picture of pictures) {
    say(`Memory: ${picture.label}`);
    peaks.push({ ...picture, peakMb: await peakOf(picture, places) });
  }
  return peaks;
}

/** The two peaks that have a bound. */
function bounded(peaks: readonly Peak[]): { baselineMb: number; progressiveMb: number } | undefined {
  const peak = (name: string) => peaks.find((one) => one.name === name)?.peakMb;
  const [baselineMb, progressiveMb] = [peak('jpeg-50'), peak('progressive-50')];
  return baselineMb === undefined || progressiveMb === undefined ? undefined : { baselineMb, progressiveMb };
}

/** Small ones twice, 12 megapixels four times, the rest once. The progressive one of 50 has its own bound. */
function mixOf(pictures: readonly Photograph[], small: readonly Photograph[]): string[] {
  const large = pictures.filter(({ name }) => name !== 'progressive-50').map(({ name }) => name);
  const often = Array<string>(3).fill('jpeg-12');
  return [...small.flatMap(({ name }) => [name, name]), ...large, ...often];
}

function labelsOf(ways: readonly Way[]): Record<string, string> {
  return Object.fromEntries(ways.map(({ name, label }) => [name, label]));
}

/** Only what was measured. */
function optional<Values extends object>(
  values: {
    [Name in keyof Values]: Values[Name] | undefined;
  },
): Partial<Values> {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as Partial<Values>;
}
