import type pg from 'pg';
import type { Connection } from '../../lambda/postgres/connection/connection.ts';

/** The fields of a node of EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) that are used. */
export interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  'Heap Fetches'?: number;
  'Shared Hit Blocks'?: number;
  'Shared Read Blocks'?: number;
  Plans?: PlanNode[];
}

/** A statement and its plan. */
export interface Explained {
  text: string;
  plan: PlanNode;
  /** Time of the execution in milliseconds, without planning. */
  milliseconds: number;
}

/**
 * Runs `work` and returns the plan of each statement that it sends, so that no SQL is duplicated here. Each statement is
 * explained on the result of the previous ones and then executed; everything is rolled back.
 */
export async function explained(
  client: pg.Client,
  work: (connection: Connection) => Promise<unknown>,
): Promise<Explained[]> {
  const all: Explained[] = [];
  const connection: Connection = {
    async query<Row>(text: string, values: readonly unknown[] = []) {
      await client.query('savepoint before_it');
      const { rows } = await client.query(`explain (analyze, buffers, format json) ${text}`, [...values]);
      const [{ Plan, 'Execution Time': milliseconds }] = rows[0]['QUERY PLAN'];
      all.push({ text, plan: Plan, milliseconds });
      await client.query('rollback to savepoint before_it');
      const answer = await client.query(text, [...values]);
      return { rows: answer.rows as Row[], rowCount: answer.rowCount ?? 0 };
    },
  };
  await client.query('begin');
  try {
    await work(connection);
  } finally {
    await client.query('rollback');
  }
  return all;
}

/** The nodes of a plan that were executed. */
export function executed(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(executed)].filter((node) => node['Actual Loops'] > 0);
}
