import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import type { Connection } from '../../lambda/postgres/connection/connection.ts';
import { fill } from '../database/fill.ts';
import { openDatabase } from '../sweep/open-database.ts';
import { aligned } from '../table.ts';
import {
  batches,
  emptyStatement,
  firstClaims,
  noTimes,
  reconciliation,
  type Sessions,
  snapshots,
  type Times,
  tickets,
} from './cost.ts';

/** The promise: milliseconds of the database for a ticket, at a backlog of 500,000 images of 1,000 tenants. */
const ticketMs = 2;

/**
 * Measures what counting costs each statement, with and without its triggers, in turns, on a durable Postgres. `--quick`
 * has a small backlog and records nothing.
 * @returns whether the promise holds
 */
export async function run(args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({ args, options: { quick: { type: 'boolean' } } });
  // Three fifths of them wait; the others are tickets, half of them expired.
  const backlog = values.quick ? 20_000 : 850_000;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-backlog-'));
  const database = await openDatabase(folder);
  const admin = new pg.Client(database.address);
  await admin.connect();
  try {
    await fill(admin, { images: backlog * 1.5, tenants: 1_000, backlog, variants: 1 }, say);
    await admin.query('select reconcile_backlog(0)');
    const lines = await withSessions(database.as, async (connections) => {
      const sessions = { ...connections, admin, as: database.as };
      return measure(sessions, values.quick ? 3 : 10, say);
    });
    const { text, ticket } = lines;
    say(text.join('\n'));
    if (!values.quick)
      writeFileSync(
        join(import.meta.dirname, 'result.md'),
        `# What counting the backlog costs\n\n${text.join('\n')}\n`,
      );
    return ticket <= ticketMs;
  } finally {
    await admin.end();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Holds a session of each role with frequent statements during `work`. */
function withSessions<Result>(
  as: Sessions['as'],
  work: (sessions: { api: Connection; process: Connection }) => Promise<Result>,
): Promise<Result> {
  return as('sluice_api').run((api) => as('sluice_process').run((process) => work({ api, process })));
}

async function measure(sessions: Sessions, rounds: number, say: (line: string) => void) {
  const ways = { counted: record(), uncounted: record() };
  await batches(sessions, 20);
  for (let turn = 0; turn < rounds; turn += 1)
    for (const way of ['counted', 'uncounted'] as const) {
      const verb = way === 'counted' ? 'enable' : 'disable';
      await sessions.admin.query(`alter table image ${verb} trigger user`);
      await tickets(sessions, 5);
      await batches(sessions, 2);
      add(ways[way].tickets, await tickets(sessions, 100));
      const { claims, commits } = await batches(sessions, 20);
      add(ways[way].claims, claims);
      add(ways[way].commits, commits);
      add(ways[way].firstClaims, await firstClaims(sessions, 10));
      say(`Round ${turn + 1}, ${way}`);
    }
  await sessions.admin.query('alter table image enable trigger user');
  await sessions.admin.query('select reconcile_backlog(0)');
  const { reads, rollUps } = await snapshots(sessions, rounds);
  const reconciled = await reconciliation(sessions);
  const empty = await emptyStatement(sessions, 500);
  const { rows } = await sessions.admin.query(
    `select count(*)::int as tenants, sum(images)::int as images, sum(tickets)::int as tickets from tenant_backlog`,
  );
  const [{ tenants, images, tickets: usable }] = rows;
  const { counted, uncounted } = ways;
  const text = [
    `${images.toLocaleString('en-US')} images wait and ${usable.toLocaleString('en-US')} tickets are usable, of ${tenants} tenants. Milliseconds, medians: of a processor of the database, and as the client sees them with the commit to disk; ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}.`,
    '',
    ...aligned([
      ['statement', 'uncounted, CPU', 'all', 'counted, CPU', 'all'],
      row('an empty one', empty),
      row('a ticket with a key', counted.tickets, uncounted.tickets),
      row('claim of a batch of ten', counted.claims, uncounted.claims),
      row('commit of a batch of ten', counted.commits, uncounted.commits),
      row('claim of ten, first of its session', counted.firstClaims, uncounted.firstClaims),
      row('snapshot, read only', reads),
      row('snapshot with the roll-up of 1,000 tickets of as many tenants', rollUps),
      row('the hourly reconciliation', reconciled),
    ]),
  ];
  return { text, ticket: median(counted.tickets.cpu) };
}

const record = () => ({ tickets: noTimes(), claims: noTimes(), commits: noTimes(), firstClaims: noTimes() });

function add(to: Times, { wall, cpu }: Times): void {
  to.wall.push(...wall);
  to.cpu.push(...cpu);
}

function row(name: string, counted: Times, uncounted?: Times): string[] {
  const cells = (times: Times) => [median(times.cpu).toFixed(2), median(times.wall).toFixed(1)];
  return [name, ...(uncounted === undefined ? ['', ''] : cells(uncounted)), ...cells(counted)];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
