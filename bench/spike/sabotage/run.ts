import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DesignRun, PromiseRow, RunOptions } from '../result.ts';
import { runSluice } from '../sluice/run.ts';
import { copySources } from './copy.ts';
import { rowOf } from './promises.ts';
import { type Sabotage, sabotages } from './table.ts';
import { type TrialName, trials } from './trials.ts';

const projectRoot = join(import.meta.dirname, '../../..');

/** What a sabotage did to its promise, and how that was without it. */
export interface SabotageResult {
  /** ISO 8601. */
  at: string;
  name: string;
  does: string;
  trial: TrialName;
  without: PromiseRow;
  sabotaged: PromiseRow;
  /** The promise breaks, and is kept without the sabotage. */
  seen: boolean;
}

class UnknownSabotage extends Error {
  readonly code = 'UNKNOWN_SABOTAGE';
  constructor(name: string) {
    super(`There is no sabotage ${name}, only ${sabotages.map((one) => one.name).join(', ')}, and all.`);
  }
}

/**
 * Runs short scenarios with parts of the design taken away. Records their results.
 * @param name of a sabotage, several with commas between them, or `all`
 * @returns whether each broke its promise, which the same scenario keeps without it
 * @throws UnknownSabotage
 */
export async function runSabotage(name: string, options: Omit<RunOptions, 'quick'>): Promise<boolean> {
  const names = name === 'all' ? sabotages.map((one) => one.name) : name.split(',');
  const unknown = names.find((one) => !sabotages.some((sabotage) => sabotage.name === one));
  if (unknown !== undefined) throw new UnknownSabotage(unknown);
  const chosen = sabotages.filter((one) => names.includes(one.name));
  const { say } = options;
  const healthy = new Map<TrialName, DesignRun>();
  const results: SabotageResult[] = [];
  for (const sabotage of chosen) {
    const { trial, breaks, does } = sabotage;
    let reference = healthy.get(trial);
    if (reference === undefined) {
      say(`Trial ${trial}, without sabotage`);
      reference = await runSluice({ ...options, quick: true, scenario: trials[trial] });
      healthy.set(trial, reference);
    }
    say(`Trial ${trial}, ${sabotage.name}: ${does}`);
    const sabotaged = rowOf(breaks, await runSabotaged(sabotage, options));
    const without = rowOf(breaks, reference);
    const result = {
      at: new Date().toISOString(),
      name: sabotage.name,
      does,
      trial,
      without,
      sabotaged,
      seen: without.kept && !sabotaged.kept,
    };
    results.push(result);
    record(result);
    say(line(result));
  }
  say(`\n${results.map(line).join('\n')}`);
  return results.every(({ seen }) => seen);
}

/** Replaces the recorded result of this sabotage. */
function record(result: SabotageResult): void {
  const file = join(import.meta.dirname, '../sabotage.json');
  const recorded: SabotageResult[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  const all = new Map([...recorded, result].map((one) => [one.name, one]));
  const inOrder = sabotages.flatMap(({ name }) => all.get(name) ?? []);
  writeFileSync(file, `${JSON.stringify(inOrder, null, 2)}\n`);
}

async function runSabotaged(
  { replacements, pipeline = {}, trial }: Sabotage,
  options: Omit<RunOptions, 'quick'>,
): Promise<DesignRun> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-sabotage-'));
  try {
    const changed = replacements.length > 0 ? { sources: join(folder, 'sources') } : {};
    if (changed.sources !== undefined) copySources(projectRoot, changed.sources, replacements);
    const scenario = { ...trials[trial], pipeline: { ...pipeline, ...changed } };
    return await runSluice({ ...options, quick: true, scenario });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function line({ name, sabotaged: { promise, must, seen, kept }, without }: SabotageResult): string {
  const verdict = kept ? 'GREEN in spite of it' : without.kept ? 'red, as it must be' : 'RED WITHOUT IT TOO';
  return `${name}: ${promise} (must be ${must}): ${seen}; without it ${without.seen}: ${verdict}`;
}
