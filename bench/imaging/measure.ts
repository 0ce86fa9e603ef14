import { join } from 'node:path';
import { buildProcess } from './build.ts';
import { compare, floorWay, ownWays, peerWays, type Way } from './measures/comparison.ts';
import { measureEffort } from './measures/effort.ts';
import { makeOnce, measureFidelity } from './measures/fidelity.ts';
import { type LongRun, longRun } from './measures/jobs.ts';
import { peakOf } from './measures/memory.ts';
import { floorParts, profile } from './measures/profile.ts';
import { cpuRatio, type Runs } from './measures/rounds.ts';
import { commandPeers } from './peers/command-peers.ts';
import { compileFloor } from './peers/floor.ts';
import { nodePeers } from './peers/node-peers.ts';
import { installed, type Peer } from './peers/peer.ts';
import { pillow } from './peers/pillow.ts';
import { assorted } from './photographs/assorted.ts';
import { describe, type Photograph, photographNames, photographs } from './photographs/photographs.ts';
import { type Cost, costsOf } from './report/costs.ts';
import { machine, recordedStartup } from './report/machine.ts';
import type { Result } from './report/page.ts';
import { promises } from './report/promises.ts';
import { writeTask } from './task.ts';
import { type Places, sluice } from './ways/ways.ts';

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
  protocol: { count: 40 },
  profile: 10,
};
const jobs = 500;

/** Measures everything in the order of the report. Files go into `folder`. */
export async function measure({ quick, file, codecs }: Wishes, folder: string, say: Say): Promise<Result> {
  const pictures = await choose(quick, file, say);
  const [first] = pictures as [Photograph];
  const small = quick || file !== undefined ? [] : await assorted(say);
  const task = await writeTask([...pictures, ...small], folder);
  say('Building the functions');
  const places: Places = { task: join(folder, 'task.json'), root: buildProcess(join(folder, 'built')) };
  const aim = task.photographs[first.name] as (typeof task.photographs)[string];
  const exact = await makeOnce(sluice(places, 'exact', 'in-process'), first.name, join(folder, 'exact'));

  const { peers, missing } = await installed(quick ? [pillow] : [pillow, ...commandPeers, ...nodePeers], say);
  const versions = peers.map(({ version }) => version);
  const p3 = pictures.find(({ name }) => name === 'display-p3')?.name;
  const own = ownWays(places, first.name, p3).filter(({ name }) => !quick || name !== 'in-process');
  const ways: Way[] = [...own, ...peerWays(peers, places, first.name)];
  try {
    const floor = await compileFloor(codecs);
    versions.push(`the floor with ${floor.version}`);
    ways.push(await floorWay(floor, aim, first, exact, folder, first.name));
  } catch (error) {
    missing.push({ name: 'floor', why: (error as Error).message });
    say(`Skipped: the floor: ${(error as Error).message}`);
  }

  const runs = await compare(ways, quick ? rounds.quick : rounds.full, say);
  const pair = ways.filter(({ name }) => name === 'sluice' || name === 'in-process');
  if (!quick) say('The protocol of the child');
  // A few rounds do not show a few per cent.
  const paired: Runs = quick ? new Map() : await compare(pair, rounds.protocol, say);
  const overhead = cpuRatio(paired, 'sluice', 'in-process');
  say('Fidelity, and what effort 2 costs');
  const fidelity = await measureFidelity(first, aim.targets, exact, folder, places);
  const effort = await measureEffort(first, aim.targets, exact, folder, places);
  const steps = quick ? [] : await profile(first.name, rounds.profile, places, folder);

  const rest = quick ? [] : pictures.slice(1);
  const others = await compareOthers(
    rest,
    places,
    peers.filter(({ name }) => name === 'pillow'),
    say,
  );
  const peaks: (Photograph & { peakMb: number })[] = [];
  for (const picture of quick ? [] : pictures) {
    say(`Memory: ${picture.label}`);
    peaks.push({ ...picture, peakMb: await peakOf(picture, places) });
  }
  const peak = (name: string) => peaks.find((one) => one.name === name)?.peakMb;
  const [baselineMb, progressiveMb] = [peak('jpeg-50'), peak('progressive-50')];
  const long = small.length === 0 ? undefined : await longRun(jobs, mixOf(pictures, small), places, say);
  return {
    promises: promises({
      ...{ runs, missing, fidelity, effort, overhead, startup: recordedStartup() },
      ...(baselineMb === undefined || progressiveMb === undefined
        ? {}
        : { peaks: { baselineMb, progressiveMb } }),
      ...longRunOf(long),
    }),
    rounds: runs.get('plain')?.length ?? 0,
    picture: { width: first.width, height: first.height, bytes: first.bytes },
    costs: costsOf(runs, labelsOf(ways), 'plain'),
    others,
    peaks: peaks.map(({ label, peakMb }) => ({ label, peakMb })),
    floorParts: floorParts(runs),
    ...{ fidelity, effort, steps, missing, versions, machine: machine() },
    ...longRunOf(long),
  };
}

async function choose(quick: boolean | undefined, file: string | undefined, say: Say): Promise<Photograph[]> {
  if (file !== undefined) return [await describe('file', file, file)];
  return photographs(quick ? ['jpeg-12', 'display-p3'] : photographNames, say);
}

/** Each photograph by Sluice, by six plain pipelines, and by Pillow where available. */
async function compareOthers(
  pictures: readonly Photograph[],
  places: Places,
  peers: readonly Peer[],
  say: Say,
): Promise<{ label: string; costs: Cost[] }[]> {
  const found = [];
  for (const { name, label } of pictures) {
    say(`In turns: ${label}`);
    const own = ownWays(places, name, undefined).filter(
      (way) => way.name === 'sluice' || way.name === 'plain',
    );
    const ways = [...own, ...peerWays(peers, places, name)];
    const runs = await compare(ways, rounds.other, say);
    found.push({ label, costs: costsOf(runs, labelsOf(ways), 'plain') });
  }
  return found;
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

function longRunOf(long: LongRun | undefined): { longRun?: LongRun } {
  return long === undefined ? {} : { longRun: long };
}
