import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { catalogue, type FunctionName } from '../../lib/catalogue/catalogue.ts';
import { median } from '../table.ts';
import { type Bundles, bundleBothWays, codeBytes, type Way, ways } from './bundles.ts';
import { type Cost, holds, type Result, resultPage, resultTable } from './result.ts';
import { oneJob, openSurroundings } from './surroundings.ts';

/** The promise: the import of process takes at most this many milliseconds. */
const promiseMs = 65;
const warmUps = 1;
const names = Object.keys(catalogue) as FunctionName[];
const start = promisify(execFile);

interface Times {
  importMs: number;
  answerMs: number;
}

/**
 * Imports every function in new processes, bundled both ways, alternating. `--quick` runs fewer rounds and records nothing.
 * @returns whether the promise holds
 */
export async function run(args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({ args, options: { quick: { type: 'boolean' } } });
  const rounds = values.quick ? 5 : 20;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-startup-'));
  const surroundings = await openSurroundings();
  try {
    const bundles = bundleBothWays(folder);
    const empty: number[] = [];
    const times = new Map<string, Times[]>();
    for (let round = -warmUps; round < rounds; round++) {
      say(round < 0 ? 'Warming up' : `Round ${round + 1} of ${rounds}`);
      const emptyMs = await emptyProcess();
      if (round >= 0) empty.push(emptyMs);
      for (const name of names)
        for (const way of ways) {
          const taken = await importOnce(bundles[way][name], name, surroundings.variables);
          if (round >= 0) times.set(`${name} ${way}`, [...(times.get(`${name} ${way}`) ?? []), taken]);
        }
    }
    const result: Result = {
      rounds,
      emptyMs: median(empty),
      functions: costs(bundles, times),
      promiseMs,
      machine: { processor: cpus()[0]?.model ?? 'unknown', node: process.version },
    };
    say(resultTable(result));
    if (!values.quick) {
      writeFileSync(join(import.meta.dirname, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
      writeFileSync(join(import.meta.dirname, 'result.md'), resultPage(result));
    }
    return holds(result);
  } finally {
    surroundings.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function emptyProcess(): Promise<number> {
  const begun = performance.now();
  await start(process.execPath, ['--eval', '0']);
  return performance.now() - begun;
}

async function importOnce(
  folder: string,
  name: FunctionName,
  variables: Record<string, string>,
): Promise<Times> {
  const event = name === 'process' ? [JSON.stringify(oneJob)] : [];
  const { stdout } = await start(
    process.execPath,
    [join(import.meta.dirname, 'child.mjs'), join(folder, 'index.mjs'), ...event],
    { env: { ...variables, LAMBDA_TASK_ROOT: folder } },
  );
  return JSON.parse(stdout) as Times;
}

function costs(bundles: Bundles, times: Map<string, Times[]>): Result['functions'] {
  const cost = (name: FunctionName, way: Way): Cost => {
    const all = times.get(`${name} ${way}`) ?? [];
    return {
      importMs: median(all.map(({ importMs }) => importMs)),
      ...(name === 'process' ? { answerMs: median(all.map(({ answerMs }) => answerMs)) } : {}),
      codeKb: Math.round(codeBytes(bundles[way][name]) / 1000),
    };
  };
  const entries = names.map((name) => [name, { ours: cost(name, 'ours'), plain: cost(name, 'plain') }]);
  return Object.fromEntries(entries) as Result['functions'];
}
