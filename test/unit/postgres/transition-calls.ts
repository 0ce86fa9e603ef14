import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { endStatuses, type ImageStatus, imageStatuses } from '../../../lambda/domain/image.ts';
import type { Writer } from '../../../lambda/domain/transitions.ts';
import type { Connection } from '../../../lambda/postgres/connection/connection.ts';
import { causeState } from '../../../lambda/postgres/connection/failures.ts';
import { claimImages } from '../../../lambda/postgres/images/claim.ts';
import { markCleared } from '../../../lambda/postgres/images/cleared.ts';
import { commitResults, type JobResult } from '../../../lambda/postgres/images/commit.ts';
import { markDeadLettered } from '../../../lambda/postgres/images/dead-lettered.ts';
import { markDeleted, removeDeleted } from '../../../lambda/postgres/images/deletion.ts';
import { abandonDirectUpload, finishDirectUpload } from '../../../lambda/postgres/images/direct-uploads.ts';
import { editImage } from '../../../lambda/postgres/images/editing.ts';
import { markUploaded } from '../../../lambda/postgres/images/mark-uploaded.ts';
import { markCompletionSent } from '../../../lambda/postgres/images/pending.ts';
import { removeEnded } from '../../../lambda/postgres/images/retention.ts';
import { markEnqueued, markExpired } from '../../../lambda/postgres/images/stalled.ts';
import { insertTickets } from '../../../lambda/postgres/images/ticket-batch.ts';
import { insertTicket } from '../../../lambda/postgres/images/tickets.ts';
import { insertImage } from './rows.ts';

/* Every state of an image, and every statement that writes one (transitions.test.ts, drift.test.ts). */

const attempt = 4;
const maxAttempts = 3;
const tenant = 'alpha';

const pending = JSON.stringify([{ preset: 'small', format: 'webp' }]);

/** Rows to begin with: each status, the kinds of leases, and each status deleted. */
const over = { lease_expires_at: "now() - interval '1 minute'" };
const held = { lease_expires_at: "now() + interval '1 minute'" };
export type Start = { values: Record<string, unknown>; sql?: Record<string, string> } | undefined;
export const starts: Start[] = [
  undefined,
  ...imageStatuses.map((status) => ({ values: { status, failures: 1 }, sql: held })),
  ...imageStatuses.map((status) => ({ values: { status }, sql: { ...held, deleted_at: 'now()' } })),
  { values: { status: 'queued' } },
  { values: { status: 'ready', pending } },
  { values: { status: 'ready', pending, completions: maxAttempts } },
  { values: { status: 'ready', pending }, sql: held },
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
type Call = (connection: Connection, imageId: string, admin: pg.Client) => Promise<unknown>;
const commit = (result: object): Call => {
  const whole = (imageId: string) => ({ imageId, attempt, ...result }) as JobResult;
  return (connection, imageId) => commitResults(connection, [whole(imageId)], { maxAttempts });
};
const claim =
  (alone: boolean, failedAttempt?: number, complete?: true): Call =>
  (connection, imageId) =>
    claimImages(connection, [{ imageId, tenant, failedAttempt, complete }], {
      leaseSeconds: 60,
      maxAttempts,
      alone,
      beginning: 3,
    });
/** Calls a writer about a newer image of the same name, which has this status. */
const ofNewer =
  (status: ImageStatus, call: Call): Call =>
  async (connection, imageId, admin) => {
    const id = `ff${randomUUID().slice(2)}`;
    await insertImage(admin, { values: { id, status, replaces: nameOf(imageId) } });
    await call(connection, id, admin);
  };
const nameOf = (imageId: string) => `name/${imageId}`;
const original = { contentType: 'image/png', bytes: 1, width: 1, height: 1, frames: 1 };
/** Ids are always new: the row has the id, or the events of a removed row have it. */
const idTaken = (error: unknown) => {
  if (causeState(error) !== '23505') throw error;
};
const upload: Call = (connection, imageId) => markUploaded(connection, { tenant, imageId });
const finish: Call = (connection, imageId) => finishDirectUpload(connection, { tenant, imageId });
const metadata = { album: 'winter' };
export const calls: Record<Writer, Call[]> = {
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
          ticketSeconds: 2,
        },
        { claim: undefined },
      ).catch(idTaken),
  ],
  insertTickets: [
    (connection, id) =>
      insertTickets(connection, tenant, {
        images: [{ id, contentType: 'image/png', bytes: 1, presets: ['small'], metadata: {}, work: 0.5 }],
        ticketSeconds: 2,
        claim: undefined,
      }).catch(idTaken),
  ],
  markUploaded: [upload, ofNewer('awaiting_upload', upload)],
  finishDirectUpload: [finish, ofNewer('awaiting_upload', finish)],
  abandonDirectUpload: [(connection, imageId) => abandonDirectUpload(connection, { tenant, imageId })],
  editImage: [
    (connection, id) =>
      editImage(connection, { tenant, imageId: id }, { metadata, replaces: nameOf(id), revision: 1 }),
    (connection, id) =>
      editImage(connection, { tenant, imageId: id }, { metadata, replaces: 'another name', revision: 1 }),
    async (connection, id, admin) => {
      const newer = `ff${randomUUID().slice(2)}`;
      await insertImage(admin, { values: { id: newer, status: 'queued' } });
      const edit = { metadata: {}, replaces: nameOf(id), revision: 1 };
      await editImage(connection, { tenant, imageId: newer }, edit);
    },
  ],
  markDeleted: [(connection, id) => markDeleted(connection, { tenant, imageId: id })],
  claimImages: [
    claim(false),
    claim(true),
    claim(false, attempt),
    claim(true, attempt),
    claim(true, 3),
    claim(false, undefined, true),
    ofNewer('awaiting_upload', claim(false)),
    async (connection, id, admin) => {
      await ofNewer('rejected', async () => undefined)(connection, id, admin);
      await claim(false, attempt)(connection, id, admin);
    },
  ],
  commitResults: [
    commit({ outcome: 'ready', original, placeholder: { color: '#000000' }, variants: [] }),
    commit({ outcome: 'rejected', code: 'corrupt_image', detail: '' }),
    commit({ outcome: 'superseded', supersededBy: randomUUID() }),
    commit({ outcome: 'completed', variants: [] }),
    commit({ outcome: 'released', counted: false, suspect: true }),
    commit({ outcome: 'released', counted: true }),
    commit({ outcome: 'released', counted: true, final: true }),
    (connection, imageId) =>
      commitResults(connection, [], { maxAttempts, beginning: [{ imageId, attempt }] }),
  ],
  markDeadLettered: [(connection, imageId) => markDeadLettered(connection, [{ imageId, attempt }])],
  markEnqueued: [(connection, id) => markEnqueued(connection, [id])],
  markExpired: [(connection, id) => markExpired(connection, [id])],
  markCompletionSent: [(connection, id) => markCompletionSent(connection, [id])],
  markCleared: [(connection, id) => markCleared(connection, [id])],
  removeDeleted: [(connection, id) => removeDeleted(connection, [id])],
  removeEnded: endStatuses.map(
    (status) => (connection, id) => removeEnded(connection, [id], { status, olderThanSeconds: 0 }),
  ),
};

/** Inserts an image in this state. @returns its id, or a free one without a state */
export async function begin(
  admin: pg.Client,
  start: Start,
  more: Record<string, unknown> = {},
): Promise<string> {
  if (start === undefined) return randomUUID();
  const sql = { updated_at: "now() - interval '1 hour'", ...start.sql };
  const id = `00${randomUUID().slice(2)}`;
  return insertImage(admin, { values: { id, attempt, replaces: nameOf(id), ...start.values, ...more }, sql });
}
