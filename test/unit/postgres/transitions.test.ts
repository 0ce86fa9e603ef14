import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endStatuses, type ImageStatus, imageStatuses, isTerminal } from '../../../lambda/domain/image.ts';
import { type ImageState, transitions, type Writer } from '../../../lambda/domain/transitions.ts';
import type { Connection } from '../../../lambda/postgres/connection/connection.ts';
import { claimImages } from '../../../lambda/postgres/images/claim.ts';
import { markCleared } from '../../../lambda/postgres/images/cleared.ts';
import { commitResults, type JobResult } from '../../../lambda/postgres/images/commit.ts';
import { markDeadLettered } from '../../../lambda/postgres/images/dead-lettered.ts';
import { markDeleted, removeDeleted } from '../../../lambda/postgres/images/deletion.ts';
import { abandonDirectUpload, finishDirectUpload } from '../../../lambda/postgres/images/direct-uploads.ts';
import { markUploaded } from '../../../lambda/postgres/images/mark-uploaded.ts';
import { removeEnded } from '../../../lambda/postgres/images/retention.ts';
import { markEnqueued, markExpired } from '../../../lambda/postgres/images/stalled.ts';
import { insertTicket } from '../../../lambda/postgres/images/tickets.ts';
import { insertImage, openTestDb, type TestDb } from './rows.ts';

const attempt = 4;
const maxAttempts = 3;
const tenant = 'alpha';

/** Rows to begin with: each status, the kinds of leases, and each status deleted. */
const over = { lease_expires_at: "now() - interval '1 minute'" };
const held = { lease_expires_at: "now() + interval '1 minute'" };
type Start = { values: Record<string, unknown>; sql?: Record<string, string> } | undefined;
const starts: Start[] = [
  undefined,
  ...imageStatuses.map((status) => ({ values: { status, failures: 1 }, sql: held })),
  ...imageStatuses.map((status) => ({ values: { status }, sql: { ...held, deleted_at: 'now()' } })),
  { values: { status: 'queued' } },
  { values: { status: 'queued', lease_stage: 'beside' } },
  { values: { status: 'processing', lease_stage: 'waiting' }, sql: held },
  { values: { status: 'processing', failures: maxAttempts - 1 }, sql: held },
  ...['waiting', 'beside', 'alone'].map((lease_stage) => ({
    values: { status: 'processing', failures: 1, lease_stage },
    sql: over,
  })),
  { values: { status: 'processing', failures: maxAttempts - 1, lease_stage: 'alone' }, sql: over },
];

/** Each writer in every way that it can be called about one image. */
type Call = (connection: Connection, imageId: string) => Promise<unknown>;
const commit = (result: object): Call => {
  const whole = (imageId: string) => ({ imageId, attempt, ...result }) as JobResult;
  return (connection, imageId) => commitResults(connection, [whole(imageId)], { maxAttempts });
};
const claim =
  (alone: boolean, failedAttempt?: number): Call =>
  (connection, imageId) =>
    claimImages(connection, [{ imageId, tenant, failedAttempt }], {
      leaseSeconds: 60,
      maxAttempts,
      alone,
      beginning: 3,
    });
/** A newer image of the same name, in this status. */
async function newer(imageId: string, status: ImageStatus): Promise<string> {
  const id = `ff${randomUUID().slice(2)}`;
  await insertImage(db.admin, { values: { id, status, replaces: nameOf(imageId) } });
  return id;
}
const nameOf = (imageId: string) => `name/${imageId}`;
const original = { contentType: 'image/png', bytes: 1, width: 1, height: 1, frames: 1 };
const calls: Record<Writer, Call[]> = {
  insertTicket: [
    (connection, id) =>
      insertTicket(
        connection,
        {
          id,
          tenant,
          contentType: 'image/png',
          bytes: 1,
          presets: ['small'],
          metadata: {},
          ticketSeconds: 9,
        },
        { bounds: {}, claim: undefined },
      ),
  ],
  markUploaded: [
    (connection, id) => markUploaded(connection, { tenant, imageId: id }),
    async (connection, id) =>
      markUploaded(connection, { tenant, imageId: await newer(id, 'awaiting_upload') }),
  ],
  finishDirectUpload: [
    (connection, imageId) => finishDirectUpload(connection, { tenant, imageId }),
    async (connection, id) =>
      finishDirectUpload(connection, { tenant, imageId: await newer(id, 'awaiting_upload') }),
  ],
  abandonDirectUpload: [(connection, imageId) => abandonDirectUpload(connection, { tenant, imageId })],
  markDeleted: [(connection, id) => markDeleted(connection, { tenant, imageId: id })],
  claimImages: [
    claim(false),
    claim(true),
    claim(false, attempt),
    claim(true, attempt),
    claim(true, 3),
    async (connection, id) => claim(false)(connection, await newer(id, 'awaiting_upload')),
    async (connection, id) => {
      await newer(id, 'rejected');
      await claim(false, attempt)(connection, id);
    },
  ],
  commitResults: [
    commit({ outcome: 'ready', original, placeholder: { color: '#000000' }, variants: [] }),
    commit({ outcome: 'rejected', code: 'corrupt_image', detail: '' }),
    commit({ outcome: 'superseded', supersededBy: randomUUID() }),
    commit({ outcome: 'released', counted: false, suspect: true }),
    commit({ outcome: 'released', counted: true }),
    commit({ outcome: 'released', counted: true, final: true }),
    (connection, imageId) =>
      commitResults(connection, [], { maxAttempts, beginning: [{ imageId, attempt }] }),
  ],
  markDeadLettered: [(connection, imageId) => markDeadLettered(connection, [{ imageId, attempt }])],
  markEnqueued: [(connection, id) => markEnqueued(connection, [id])],
  markExpired: [(connection, id) => markExpired(connection, [id])],
  markCleared: [(connection, id) => markCleared(connection, [id])],
  removeDeleted: [(connection, id) => removeDeleted(connection, [id])],
  removeEnded: endStatuses.map(
    (status) => (connection, id) => removeEnded(connection, [id], { status, olderThanSeconds: 0 }),
  ),
};

interface Row {
  status: ImageStatus;
  deleted_at: string | null;
  attempt: number;
  failures: number;
}
const stateOf = (row: Row | undefined): ImageState =>
  row === undefined ? 'none' : row.deleted_at === null ? row.status : 'deleted';
const change = (from: ImageState, to: ImageState, raised: boolean, failures?: string) =>
  `${from} → ${to}${raised ? ', attempt raised' : ''}${failures ? `, failures ${failures}` : ''}`;
function observed(before: Row | undefined, after: Row | undefined): string {
  const [then, now] = [before?.failures ?? 0, after?.failures ?? before?.failures ?? 0];
  const failures = now > then ? 'raised' : now < then ? 'cleared' : undefined;
  const raised = before !== undefined && after !== undefined && after.attempt === before.attempt + 1;
  return change(stateOf(before), stateOf(after), raised, failures);
}
const declared = (statement: Writer): string[] =>
  transitions
    .filter((row) => row.statement === statement)
    .flatMap(({ from, to, raisesAttempt = false, failures }) =>
      from.map((state) => change(state, to === 'same' ? state : to, raisesAttempt, failures)),
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

async function begin(start: Start): Promise<string> {
  if (start === undefined) return randomUUID();
  const sql = { updated_at: "now() - interval '1 hour'", ...start.sql };
  const id = `00${randomUUID().slice(2)}`;
  return insertImage(db.admin, { values: { id, attempt, replaces: nameOf(id), ...start.values }, sql });
}

const owners = new Map(transitions.map(({ statement, owner }) => [statement, owner]));

describe('a statement, run from every state', () => {
  it.each([...owners.keys()])('%s makes the changes of its table and no others', async (name) => {
    const seen = new Set<string>();
    await db.as(`sluice_${owners.get(name)}`).run(async (connection) => {
      for (const start of starts)
        for (const call of calls[name]) {
          const id = await begin(start);
          const before = await rowOf(id);
          await call(connection, id);
          const after = await rowOf(id);
          if (JSON.stringify(after) !== JSON.stringify(before)) seen.add(observed(before, after));
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

  it('each way to a final status has an event, and no other has one', () => {
    for (const { to, event } of transitions)
      expect(event).toBe(to !== 'same' && isTerminal(to as ImageStatus) ? `image.${to}` : undefined);
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
        `${folder}/direct-uploads.ts: finishDirectUpload`,
        `${folder}/deletion.ts: markDeleted`,
        `${folder}/mark-uploaded.ts: markUploaded`,
        `${folder}/stalled.ts: markEnqueued`,
        `${folder}/stalled.ts: markExpired`,
        `${folder}/deletion.ts: removeDeleted`,
        `${folder}/retention.ts: removeEnded`,
        `${folder}/superseding.ts: endOlder`,
        `${folder}/cleared.ts: markCleared`,
        `${folder}/tickets.ts: insertStatement`,
      ].sort(),
    );
  });
});
