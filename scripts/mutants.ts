import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../local/postgres/server.ts';
import { collectTrials, type Trial } from '../test/mutants/collect.ts';
import { copyTree } from '../test/mutants/copy.ts';
import { openMemory } from '../test/mutants/memory.ts';
import { percent, resultData, resultPage, scores, type Tried } from '../test/mutants/result.ts';
import { redTest } from '../test/mutants/trial.ts';

/*
 * `npm run mutants`: makes small changes to a copy of the sources, one at a time, and reports those that no test detects.
 * Writes test/mutants/result.json and result.md; exits with 1 if less than 90 % are detected.
 */
const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: String(Math.max(1, Math.floor(availableParallelism() / 2))) },
    seed: { type: 'string', default: '1' },
    // Factor of each folder's sample: 0.2 takes a fifth, 3 three times as many.
    share: { type: 'string', default: '1' },
    // Only mutants whose folder, file or kind contains this text; writes no result.
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
  },
});
const least = 90;
const projectRoot = resolve(import.meta.dirname, '..');
const folder = join(projectRoot, '.mutants');
const seed = Number(values.seed);

const all = collectTrials(projectRoot, { seed, share: Number(values.share) });
const { only } = values;
const trials = all.filter(
  ({ room, file, kind }) => only === undefined || [room, file, kind].some((text) => text.includes(only)),
);
const nameOf = ({ room, file, line, kind }: Trial) => `${room}  ${file}:${line}  ${kind}`;
if (values.list) {
  for (const trial of trials)
    console.log(`${nameOf(trial)}\n    ${trial.from.trim()}\n    → ${trial.to.trim()}`);
  process.exit(0);
}

mkdirSync(folder, { recursive: true });
if (values.fresh) rmSync(join(folder, 'memory.json'), { force: true });
const memory = openMemory(join(folder, 'memory.json'), projectRoot);
const tried: Tried[] = [];
const ready = Promise.withResolvers<void>();
const waiting = trials.filter((trial) => {
  const red = memory.recall(trial);
  if (red === null) return true;
  tried.push({ ...trial, red });
  return false;
});
// Alternating between folders, so that an interrupted run has covered each.
const turn = new Map<string, number>();
const place = new Map(
  waiting.map((trial) => [trial, turn.set(trial.room, (turn.get(trial.room) ?? 0) + 1).get(trial.room) ?? 0]),
);
waiting.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    console.log('Stopping after the current mutants; the results so far are written.');
    waiting.length = 0;
  });
console.log(`${trials.length} mutants, of which ${tried.length} are known from earlier runs`);

/** A test that fails without a change would make every mutant look detected. */
async function expectGreen(copy: string, address: string): Promise<void> {
  const files = memory.unseen([...new Set(waiting.flatMap(({ tests }) => tests))].sort());
  if (files.length === 0) return;
  console.log(`Running ${files.length} test files on the sources as they are`);
  const red = await redTest(copy, files, address);
  if (red !== undefined) throw new Error(`This test fails without a change: ${red}`);
  memory.rememberGreen(files);
}

async function work(lane: number): Promise<void> {
  const copy = join(folder, `copy-${lane}`);
  copyTree(projectRoot, copy);
  const directory = join(folder, `postgres-${lane}`);
  rmSync(directory, { recursive: true, force: true });
  const server = await startPostgres({ directory, maxConnections: 300, durable: false });
  const { host, port, user, password, database } = server;
  const address = JSON.stringify({ host, port, user, password, database });
  try {
    if (lane === 0) ready.resolve(await expectGreen(copy, address));
    await ready.promise;
    for (let trial = waiting.shift(); trial !== undefined; trial = waiting.shift()) {
      const began = performance.now();
      const path = join(copy, trial.file);
      const source = readFileSync(path, 'utf8');
      writeFileSync(path, trial.source);
      const red = await redTest(copy, trial.tests, address).finally(() => writeFileSync(path, source));
      tried.push({ ...trial, red });
      memory.remember(trial, red);
      const seconds = ((performance.now() - began) / 1000).toFixed(0);
      console.log(
        `${tried.length}/${trials.length}  ${red === undefined ? 'GREEN' : 'red  '}  ${seconds} s  ${nameOf(trial)}`,
      );
      console.log(red === undefined ? `    ${trial.from.trim()} → ${trial.to.trim()}` : `    ${red}`);
    }
  } finally {
    await server.stop();
  }
}
await Promise.all(
  Array.from({ length: Math.min(Number(values.jobs), waiting.length) }, (_, lane) => work(lane)),
);

const order = new Map(trials.map((trial, index) => [trial.source + trial.file, index]));
const at = ({ source, file }: Trial) => order.get(source + file) ?? 0;
tried.sort((a, b) => at(a) - at(b));
if (only === undefined) {
  writeFileSync(
    join(projectRoot, 'test/mutants/result.json'),
    resultData(tried, { seed, of: trials.length }),
  );
  writeFileSync(join(projectRoot, 'test/mutants/result.md'), resultPage(tried, { seed, of: trials.length }));
}
for (const score of scores(tried))
  console.log(
    `${score.room}: ${score.red} of ${score.mutants} red, ${score.equivalent} equivalent, ${percent(score).toFixed(1)} %`,
  );
process.exitCode = scores(tried).every((score) => percent(score) >= least) ? 0 : 1;
