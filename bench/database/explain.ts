import type pg from 'pg';
import { prepareValue } from 'pg/lib/utils.js';
import type { Connection, PreparedStatement } from '../../lambda/postgres/connection/connection.ts';

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

/** A plan that was executed. */
export interface Executed {
  plan: PlanNode;
  /** Time of the execution in milliseconds, without planning. */
  milliseconds: number;
}

/** A statement and its plan for the values. */
export interface Explained extends Executed {
  text: string;
  /** The plan for any values, which a session keeps of a prepared statement. */
  generic?: Executed;
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
    async query<Row>(statement: string | PreparedStatement, values: readonly unknown[] = []) {
      const text = typeof statement === 'string' ? statement : statement.text;
      const custom = await explain(client, text, [...values]);
      all.push({
        ...{ text, ...custom },
        ...(typeof statement !== 'string' && { generic: await explainGeneric(client, statement, values) }),
      });
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

/** Executes a statement and rolls it back. */
async function explain(client: pg.Client, text: string, values: unknown[] = []): Promise<Executed> {
  await client.query('savepoint before_it');
  const { rows } = await client.query(`explain (analyze, buffers, format json) ${text}`, values);
  await client.query('rollback to savepoint before_it');
  const [{ Plan, 'Execution Time': milliseconds }] = rows[0]['QUERY PLAN'];
  return { plan: Plan, milliseconds };
}

async function explainGeneric(
  client: pg.Client,
  { name, text }: PreparedStatement,
  values: readonly unknown[],
): Promise<Executed> {
  const literals = values.map((value) => {
    const prepared = prepareValue(value);
    if (prepared === null) return 'null';
    return client.escapeLiteral(Buffer.isBuffer(prepared) ? `\\x${prepared.toString('hex')}` : prepared);
  });
  await client.query(`prepare "${name}" as ${text}`);
  await client.query("set local plan_cache_mode = 'force_generic_plan'");
  const given = literals.length === 0 ? '' : ` (${literals.join()})`;
  const plan = await explain(client, `execute "${name}"${given}`);
  // After an error the transaction takes nothing more, and the run is over.
  await client.query('set local plan_cache_mode = auto');
  await client.query(`deallocate "${name}"`);
  return plan;
}

/** The nodes of a plan that were executed. */
export function executed(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(executed)].filter((node) => node['Actual Loops'] > 0);
}
