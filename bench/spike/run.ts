import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runPlain } from './plain/run.ts';
import { isKept, judge } from './promises.ts';
import { report } from './report.ts';
import type { DesignRun, Machine, RunOptions, SpikeResult } from './result.ts';
import { runSluice } from './sluice/run.ts';
import { thinned } from './thin.ts';
import { replayOf, simulatedPromise, validate } from './validate.ts';

const parts = ['plain', 'sluice', 'cpu'] as const;
type Part = (typeof parts)[number];
/** Samples of each run in the file. */
const mostSamples = 600;

class UnknownPart extends Error {
  readonly code = 'UNKNOWN_PART';
}

/**
 * 50 images a minute become 50,000: Sluice, the plain design, and the CPU of one image, one after the other. `--quick` takes
 * less than three minutes, judges only what does not depend on the machine's speed, and records nothing here; `--record` records it
 * all the same. `--only=plain|sluice|cpu` runs one part and records nothing. `--logs=FOLDER` keeps the logs of Sluice.
 * `--sabotage=<name>|all` instead shows that promises break without parts of the design.
 * @param signal ends the run and everything that it started
 * @returns whether all promises that were judged are kept
 */
export async function run(
  args: string[],
  say: (line: string) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean' },
      record: { type: 'boolean' },
      only: { type: 'string' },
      logs: { type: 'string' },
      sabotage: { type: 'string' },
    },
  });
  const { quick = false, only, sabotage } = values;
  if (sabotage !== undefined) {
    const { runSabotage } = await import('./sabotage/run.ts');
    return runSabotage(sabotage, { say, signal });
  }
  if (only !== undefined && !parts.some((part) => part === only))
    throw new UnknownPart(`--only is one of ${parts.join(', ')}, not ${only}.`);
  const wants = (part: Part) => only === undefined || only === part;
  const options: RunOptions = { quick, say, signal };
  const commit = commitOf(import.meta.dirname);
  const result: SpikeResult = {
    at: new Date().toISOString(),
    ...(commit === undefined ? {} : { commit }),
    machine: machine(),
    quick,
    promises: [],
  };

  if (wants('sluice')) {
    say('Sluice');
    result.sluice = await runSluice({
      ...options,
      ...(values.logs === undefined ? {} : { logFolder: values.logs }),
    });
  }
  if (wants('plain')) {
    say('The plain design: no cap, a connection for each execution, held for the whole job');
    result.plain = await runPlain({ ...options, ...paceOf(result.sluice) });
  }
  if (only === 'cpu' || (only === undefined && !quick)) {
    say('CPU of one image by part');
    const { measureCpu } = await import('./cpu/run.ts');
    result.cpu = await measureCpu(options);
  }
  result.promises = judge(result);
  if (result.sluice !== undefined) {
    result.sluice.replay = replayOf(result.sluice);
    const simulated = validate(result.sluice);
    if (simulated !== undefined) result.simulated = simulated;
    result.promises.push(simulatedPromise(simulated, !quick));
  }
  say(['', ...report(result), ''].join('\n'));
  await write(thin(result), { here: values.record === true || (!quick && only === undefined), say });
  return isKept(result.promises) || (only !== undefined && result.promises.length === 0);
}

/** Both designs take as long for an image and promise the same age, if both are run. */
function paceOf(sluice: DesignRun | undefined): { jobSeconds?: number; objectiveSeconds?: number } {
  if (sluice === undefined) return {};
  const { cap, drainPerSecond, objective } = sluice.config;
  return {
    jobSeconds: cap / drainPerSecond,
    ...(objective === undefined ? {} : { objectiveSeconds: objective }),
  };
}

async function write(result: SpikeResult, { here, say }: { here: boolean; say: (line: string) => void }) {
  const folder = here ? import.meta.dirname : mkdtempSync(join(tmpdir(), 'sluice-spike-result-'));
  writeFileSync(join(folder, 'result.json'), `${JSON.stringify(result)}\n`);
  if (result.plain !== undefined && result.sluice !== undefined) {
    const { drawSpike } = await import('./chart/draw.ts');
    writeFileSync(join(folder, 'spike.svg'), drawSpike(result));
  }
  say(`Written to ${folder}`);
}

function thin(result: SpikeResult): SpikeResult {
  const thinner = (run: DesignRun): DesignRun => ({ ...run, samples: thinned(run.samples, mostSamples) });
  return {
    ...result,
    ...(result.plain === undefined ? {} : { plain: thinner(result.plain) }),
    ...(result.sluice === undefined ? {} : { sluice: thinner(result.sluice) }),
  };
}

function machine(): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release()}`,
    node: process.version,
  };
}

/** Of a checkout with git. */
function commitOf(folder: string): string | undefined {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  } catch {
    return undefined;
  }
}
