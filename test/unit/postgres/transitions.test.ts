import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endStatuses, type ImageStatus, isTerminal } from '../../../lambda/domain/image.ts';
import { type ImageState, transitions, type Writer } from '../../../lambda/domain/transitions.ts';
import { insertImage, openTestDb, type TestDb } from './rows.ts';
import { begin, calls, starts } from './transition-calls.ts';

interface Row {
  status: ImageStatus;
  deleted_at: string | null;
  attempt: number;
  failures: number;
}
const stateOf = (row: Row | undefined): ImageState =>
  row === undefined ? 'none' : row.deleted_at === null ? row.status : 'deleted';
interface Differences {
  raised: boolean;
  failures: string | undefined;
  events: readonly string[];
}
const change = (from: ImageState, to: ImageState, { raised, failures, events }: Differences) =>
  [
    `${from} → ${to}`,
    ...(raised ? ['attempt raised'] : []),
    ...(failures ? [`failures ${failures}`] : []),
    ...events,
  ].join(', ');
function observed(before: Row | undefined, after: Row | undefined, events: string[]): string {
  const [then, now] = [before?.failures ?? 0, after?.failures ?? before?.failures ?? 0];
  const failures = now > then ? 'raised' : now < then ? 'cleared' : undefined;
  const raised = before !== undefined && after !== undefined && after.attempt === before.attempt + 1;
  return change(stateOf(before), stateOf(after), { raised, failures, events });
}
const declared = (statement: Writer): string[] =>
  transitions
    .filter((row) => row.statement === statement)
    .flatMap(({ from, to, raisesAttempt: raised = false, failures, event }) =>
      from.map((state) =>
        change(state, to === 'same' ? state : to, {
          raised,
          failures,
          events: event === undefined ? [] : [event],
        }),
      ),
    );

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());

async function rowOf(id: string): Promise<Row | undefined> {
  const { rows } = await db.admin.query('select to_jsonb(image) as row from image where id = $1', [id]);
  return rows[0]?.row;
}

/** Types of an image's events after so many, which have the next numbers. */
async function eventsOf(id: string, after = 0): Promise<string[]> {
  const { rows } = await db.admin.query(
    'select type, sequence from image_event where image_id = $1 and sequence > $2 order by sequence',
    [id, after],
  );
  expect(rows.map(({ sequence }) => sequence)).toEqual(rows.map((_, place) => after + place + 1));
  return rows.map(({ type }) => type);
}

const owners = new Map(transitions.map(({ statement, owner }) => [statement, owner]));

describe('a statement, run from every state', () => {
  it.each([...owners.keys()])('%s makes the changes and events of its table and no others', async (name) => {
    const seen = new Set<string>();
    await db.as(`sluice_${owners.get(name)}`).run(async (connection) => {
      for (const start of starts)
        for (const call of calls[name]) {
          const id = await begin(db.admin, start);
          const before = await rowOf(id);
          const already = (await eventsOf(id)).length;
          await call(connection, id, db.admin);
          const after = await rowOf(id);
          const events = await eventsOf(id, already);
          if (JSON.stringify(after) !== JSON.stringify(before)) seen.add(observed(before, after, events));
          else expect(events).toEqual([]);
        }
    });
    expect([...seen].sort()).toEqual(declared(name).sort());
  });
});

describe('the guard of the test databases', () => {
  it('the guard refuses any change of status that is not in the table, and one of another function', async () => {
    const id = await insertImage(db.admin, { values: { status: 'ready' } });
    const set = (role: string, status: string) =>
      db.as(role).run((c) => c.query('update image set status = $2 where id = $1', [id, status]));
    await expect(set('sluice_sweep', 'expired')).rejects.toThrow(
      'transitions.ts: sluice_sweep ready expired',
    );
    await db.admin.query("update image set status = 'awaiting_upload' where id = $1", [id]);
    await expect(set('sluice_process', 'expired')).rejects.toThrow('sluice_process awaiting_upload expired');
    await set('sluice_sweep', 'expired');
  });
});

describe('the table of transitions', () => {
  it('a final status is left only for an operator or a late upload, or to be removed', () => {
    const leaving = transitions.flatMap(({ statement, from, to, reopens }) =>
      to === 'same' || to === 'deleted' || to === 'none'
        ? []
        : from
            .filter((state) => (endStatuses as readonly string[]).includes(state))
            .map((state) => `${statement}: ${state} → ${to}, ${reopens}`),
    );
    expect(leaving).toEqual([
      'finishDirectUpload: expired → queued, late upload',
      'claimImages: expired → processing, late upload',
      'claimImages: failed → processing, operator',
      'claimImages: expired → superseded, late upload',
      'claimImages: failed → superseded, operator',
    ]);
  });

  it('admission, deletion and each way to a final status have an event, and no other change has one', () => {
    const eventOf = (from: readonly ImageState[], to: ImageState | 'same') => {
      if (from.includes('none')) return 'image.admitted';
      if (to === 'deleted') return 'image.deleted';
      return to !== 'same' && isTerminal(to as ImageStatus) ? `image.${to}` : undefined;
    };
    for (const { from, to, event } of transitions) expect(event).toBe(eventOf(from, to));
  });

  it('the table names every statement that writes an image', () => {
    const lambda = resolve(import.meta.dirname, '../../../lambda');
    const files = readdirSync(lambda, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.ts'),
    );
    expect(files.length).toBeGreaterThan(200);
    const found = files.flatMap((path) => {
      const text = readFileSync(join(lambda, path), 'utf8');
      return text
        .split(/^(?=(?:export )?(?:async )?(?:function|const) )/m)
        .filter((part) => /\b(?:update|insert\s+into|delete\s+from|merge\s+into)\s+image\b/i.test(part))
        .map((part) => `${path}: ${/(?:function|const) (\w+)/.exec(part)?.[1]}`);
    });
    const folder = 'postgres/images';
    expect(found.sort()).toEqual(
      [
        `${folder}/claim.ts: claimStatement`,
        `${folder}/commit.ts: commitStatement`,
        `${folder}/dead-lettered.ts: markDeadLettered`,
        `${folder}/direct-uploads.ts: abandonDirectUpload`,
        `${folder}/direct-uploads.ts: finishStatement`,
        `${folder}/deletion.ts: markDeleted`,
        `${folder}/editing.ts: editStatement`,
        `${folder}/mark-uploaded.ts: markStatement`,
        `${folder}/stalled.ts: markEnqueued`,
        `${folder}/stalled.ts: markExpired`,
        `${folder}/deletion.ts: removeDeleted`,
        `${folder}/retention.ts: removeEnded`,
        `${folder}/superseding.ts: endOlder`,
        `${folder}/cleared.ts: markCleared`,
        `${folder}/pending.ts: markCompletionSent`,
        `${folder}/ticket-batch.ts: insertStatement`,
        `${folder}/tickets.ts: insertStatement`,
      ].sort(),
    );
  });
});
