import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
  name: string;
  does: string;
  trial: TrialName;
  without: PromiseRow;
  sabotaged: PromiseRow;
  /** The promise breaks, and is kept without the sabotage. */
  seen: boolean;
}

/**
 * Runs short scenarios with parts of the design taken away. `all` also records the result.
 * @param name of a sabotage, or `all`
 * @returns whether each broke its promise, which the same scenario keeps without it
 * @throws Error for an unknown name
 */
export async function runSabotage(name: string, options: Omit<RunOptions, 'quick'>): Promise<boolean> {
  const chosen = name === 'all' ? sabotages : sabotages.filter((one) => one.name === name);
  if (chosen.length === 0)
    throw Object.assign(
      new Error(`Unknown sabotage "${name}". Known: ${sabotages.map((one) => one.name).join(', ')}, all.`),
      { code: 'ERR_UNKNOWN_SABOTAGE' },
    );
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
      name: sabotage.name,
      does,
      trial,
      without,
      sabotaged,
      seen: without.kept && !sabotaged.kept,
    };
    results.push(result);
    say(line(result));
  }
  say(`\n${results.map(line).join('\n')}`);
  if (name === 'all')
    writeFileSync(
      join(import.meta.dirname, '../sabotage.json'),
      `${JSON.stringify({ at: new Date().toISOString(), results }, null, 2)}\n`,
    );
  return results.every(({ seen }) => seen);
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
