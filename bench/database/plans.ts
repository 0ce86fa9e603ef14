import type pg from 'pg';
import { planning } from '../../lambda/postgres/connection/role-limits.ts';
import { aligned } from '../table.ts';
import { allCases } from './cases.ts';
import { type Executed, explained } from './explain.ts';
import { type Cost, costOf, faultsOf } from './judge.ts';
import type { Case } from './statements.ts';

/** Result of a case: its cost and its violations. */
export interface Measured extends Pick<Case, 'by' | 'name' | 'what'> {
  cost: Cost;
  faults: string[];
}

/**
 * Runs every statement on a filled database, each `times` times, and keeps the fastest run. Of a prepared statement the
 * generic plan is judged too.
 */
export async function measurePlans(client: pg.Client, times = 1): Promise<Measured[]> {
  // As for the functions' roles.
  for (const [setting, value] of Object.entries(planning)) await client.query(`set ${setting} = '${value}'`);
  const all: Measured[] = [];
  for (const one of await allCases(client)) all.push(await measure(client, one, times));
  return all;
}

async function measure(
  client: pg.Client,
  { by, name, what, run, counts = 0 }: Case,
  times = 1,
): Promise<Measured> {
  const costOfCase = (executed: Executed): Cost => {
    const cost = costOf(executed);
    return { ...cost, result: Math.max(cost.result, counts) };
  };
  const costs: Cost[] = [];
  const faults = new Set<string>();
  for (let turn = 0; turn < times; turn += 1) {
    // Statements that a case needs come before its own.
    const last = (await explained(client, run)).at(-1);
    if (last === undefined) throw new Error(`${name} sent no statement`);
    costs.push(costOfCase(last));
    if (last.generic !== undefined)
      for (const fault of faultsOf(costOfCase(last.generic))) faults.add(`${fault}, by its generic plan`);
  }
  const [cost] = costs.sort((a, b) => a.milliseconds - b.milliseconds);
  if (cost === undefined) throw new RangeError('times must be at least 1');
  return { by, name, what, cost, faults: [...faultsOf(cost), ...faults] };
}

/** The measured plans as a Markdown table, in the order of the statements. */
export function planTable(plans: readonly Measured[]): string[] {
  const number = (value: number) => value.toLocaleString('en-US');
  return aligned([
    ['statement', 'asked', 'rows', 'read', 'heap fetches', 'sorted', 'buffers', 'ms'],
    ...plans.map(({ name, what, cost }) => [
      `\`${name}\``,
      what,
      ...[cost.result, cost.read, cost.heapFetches, cost.sorted, cost.buffers].map(number),
      cost.milliseconds.toFixed(cost.milliseconds < 10 ? 2 : 0),
    ]),
  ]);
}

export const faultLines = (plans: readonly Measured[]): string[] =>
  plans.flatMap(({ name, what, faults }) => faults.map((fault) => `${name} (${what}) ${fault}`));
