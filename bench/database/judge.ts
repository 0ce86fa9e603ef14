import { type Executed, executed, type PlanNode } from './explain.ts';

/** Cost of a statement. Rows are those of all its loops. */
export interface Cost {
  /** Rows that it returned, wrote, or counted up to a bound. */
  result: number;
  /** Rows that its scans read, including the filtered ones. */
  read: number;
  /** Rows that were sorted. */
  sorted: number;
  /** Rows that an index-only scan had to fetch from the table. */
  heapFetches: number;
  /** Pages of 8 kB, from the cache or not. */
  buffers: number;
  milliseconds: number;
  /** Indexes that it used. */
  indexes: string[];
  /** Tables that it scanned sequentially, without those of one row. */
  scanned: string[];
}

/** Tables of one row, which is on one page. */
const singles = ['relay_lease'];

/** A statement may read ten times as many rows as it returns. */
const factor = 10;

const times = (node: PlanNode, rows = node['Actual Rows']) => Math.round(rows * node['Actual Loops']);
const sum = (nodes: readonly PlanNode[], value: (node: PlanNode) => number) =>
  nodes.reduce((total, node) => total + value(node), 0);

export function costOf({ plan, milliseconds }: Executed): Cost {
  const nodes = executed(plan);
  const ofType = (pattern: RegExp) => nodes.filter((node) => pattern.test(node['Node Type']));
  const inputs = (node: PlanNode) => (node.Plans ?? []).filter((child) => child['Actual Loops'] > 0);
  const scans = ofType(/^(Seq|Index|Index Only|Bitmap Heap|Tid|Tid Range|Sample) Scan$/);
  const results = [
    1,
    times(plan),
    // A write without RETURNING returns no row, and a bounded count one.
    ...ofType(/^ModifyTable$/).map((node) => sum(inputs(node), times)),
    ...ofType(/^Limit$/).map((node) => times(node)),
  ];
  return {
    result: Math.max(...results),
    read: sum(scans, (node) =>
      times(
        node,
        node['Actual Rows'] +
          (node['Rows Removed by Filter'] ?? 0) +
          (node['Rows Removed by Index Recheck'] ?? 0),
      ),
    ),
    sorted: sum(ofType(/Sort$/), (node) => sum(inputs(node), times)),
    heapFetches: sum(scans, (node) => node['Heap Fetches'] ?? 0),
    buffers: (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0),
    milliseconds,
    indexes: [...new Set(nodes.flatMap((node) => node['Index Name'] ?? []))],
    scanned: ofType(/^Seq Scan$/)
      .flatMap((node) => node['Relation Name'] ?? [])
      .filter((table) => !singles.includes(table)),
  };
}

/** The violations of a statement, of rules that hold at any size. */
export function faultsOf(cost: Cost): string[] {
  const { result, read, sorted, heapFetches, scanned } = cost;
  const most = factor * result;
  return [
    ...scanned.map((table) => `scans ${table}`),
    ...(read > most ? [`reads ${read} rows for ${result}`] : []),
    ...(sorted > most ? [`sorts ${sorted} rows for ${result}`] : []),
    ...(heapFetches > most ? [`looks up ${heapFetches} rows in the table for ${result}`] : []),
  ];
}
