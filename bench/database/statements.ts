import { createHash, randomUUID } from 'node:crypto';
import type pg from 'pg';
import { endStatuses, type ImageStatus, imageStatuses } from '../../lambda/domain/image.ts';
import { reconcileBacklog } from '../../lambda/postgres/backlog/reconcile.ts';
import { syncBacklog } from '../../lambda/postgres/backlog/sync.ts';
import type { Connection } from '../../lambda/postgres/connection/connection.ts';
import { claimImages } from '../../lambda/postgres/images/claim.ts';
import { markCleared, unclearedImages } from '../../lambda/postgres/images/cleared.ts';
import { commitResults } from '../../lambda/postgres/images/commit.ts';
import { markDeadLettered } from '../../lambda/postgres/images/dead-lettered.ts';
import { deletedImages, markDeleted, removeDeleted } from '../../lambda/postgres/images/deletion.ts';
import { abandonDirectUpload, finishDirectUpload } from '../../lambda/postgres/images/direct-uploads.ts';
import { removeExpiredKeys } from '../../lambda/postgres/images/expired-keys.ts';
import { extraUploads, removeExtraUploads } from '../../lambda/postgres/images/extra-uploads.ts';
import { lastChange, mayHoldRequest } from '../../lambda/postgres/images/held-requests.ts';
import { readHeldKey } from '../../lambda/postgres/images/idempotency.ts';
import { markUploaded } from '../../lambda/postgres/images/mark-uploaded.ts';
import type { DatedImage, Page } from '../../lambda/postgres/images/oldest-first.ts';
import * as follow from '../../lambda/postgres/images/pending.ts';
import { findImage, findImages, listImages } from '../../lambda/postgres/images/reading.ts';
import { endedImages, removeEnded } from '../../lambda/postgres/images/retention.ts';
import * as stalled from '../../lambda/postgres/images/stalled.ts';
import { insertTickets, repeatedImages } from '../../lambda/postgres/images/ticket-batch.ts';
import { insertTicket, keptAnswers } from '../../lambda/postgres/images/tickets.ts';
import { findTenant } from '../../lambda/postgres/tenants/tenants.ts';
import { emptyTenant, largestTenant, smallTenant } from './fill.ts';
import { idsOf, one } from './find-images.ts';

/** A case of a statement of lambda/postgres. */
export interface Case {
  /** The function that runs it. */
  by:
    | 'api'
    | 'export'
    | 'exportjob'
    | 'process'
    | 'sweep'
    | 'operate'
    | 'relay'
    | 'dispatch'
    | 'analytics'
    | 'audit';
  name: string;
  /** The case, in a few words. */
  what: string;
  run: (connection: Connection) => Promise<unknown>;
  /** Rows that it counts through without returning them: they are its result. */
  counts?: number;
}

/** Every statement in every kind of case: the largest tenant and a small one, each filter, the first page and a deep one. */
export async function casesOf(client: pg.Client): Promise<Case[]> {
  return [...(await apiCases(client)), ...(await processCases(client)), ...(await sweepCases(client))];
}

async function apiCases(client: pg.Client): Promise<Case[]> {
  const tenant = largestTenant;
  const ready = await one(client, `tenant_id = '${tenant}' and status = 'ready' and deleted_at is null`);
  const awaited = await one(
    client,
    `tenant_id = '${tenant}' and status = 'awaiting_upload' and deleted_at is null`,
  );
  const many = await idsOf(client, `tenant_id = '${tenant}' and deleted_at is null`, 100);
  const named = await one(
    client,
    `tenant_id = '${tenant}' and status = 'awaiting_upload' and replaces is not null and deleted_at is null`,
  );
  const keySha256 = createHash('sha256').update(tenant).digest();
  const image = (of: string = tenant) => ({
    id: randomUUID(),
    tenant: of,
    contentType: 'image/jpeg',
    bytes: 1000,
    presets: ['small'],
    metadata: {},
    ticketSeconds: 900,
  });
  const claim = {
    key: 'new',
    requestSha256: keySha256,
    answered: keptAnswers.ticket,
    lockSeconds: 60,
    keepSeconds: 86_400,
  };
  const key = `order-${ready}`;
  const api = (name: string, what: string, run: Case['run']): Case => ({ by: 'api', name, what, run });
  const lists: Case[] = [];
  for (const [whose, of] of [
    ['largest', largestTenant],
    ['small', smallTenant],
    ['without images', emptyTenant],
  ] as const) {
    const { rows } = await client.query<{ id: string }>(
      'select id from image where tenant_id = $1 and deleted_at is null order by id limit 1 offset 60',
      [of],
    );
    for (const status of [undefined, ...imageStatuses] as (ImageStatus | undefined)[])
      for (const before of new Set([undefined, rows[0]?.id]))
        lists.push(
          api('listImages', `${whose}, ${status ?? 'all'}, ${before ? 'deep' : 'first page'}`, (connection) =>
            listImages(connection, of, {
              limit: 50,
              ...(status === undefined ? {} : { status }),
              ...(before === undefined ? {} : { before }),
            }),
          ),
        );
  }
  return [
    api('findTenant', 'a key', (c) => findTenant(c, keySha256)),
    api('insertTicket', 'with a key', (c) => insertTicket(c, image(), { claim })),
    api('listImages', 'largest, with variants', (c) =>
      listImages(c, largestTenant, { limit: 101, variants: true }),
    ),
    api('syncBacklog', 'with turns', (c) =>
      syncBacklog(c, { environment: 'one', turns: Buffer.alloc(1_000) }),
    ),
    api('readHeldKey', 'in use', (c) => readHeldKey(c, tenant, key)),
    api('finishDirectUpload', 'with a key', (c) =>
      finishDirectUpload(c, { tenant, imageId: awaited, key, version: 'v' }),
    ),
    api('abandonDirectUpload', 'with a key', (c) =>
      abandonDirectUpload(c, { tenant, imageId: awaited, key }),
    ),
    api('findImage', 'ready', (c) => findImage(c, { tenant, imageId: ready })),
    api('mayHoldRequest', 'a session', (c) => mayHoldRequest(c, 2)),
    api('lastChange', 'ready', (c) => lastChange(c, { tenant, imageId: ready })),
    api('insertTickets', '100, with a key', (c) =>
      insertTickets(c, tenant, {
        images: many.map(() => image()),
        ticketSeconds: 900,
        claim: {
          key: 'many',
          requestSha256: keySha256,
          keepSeconds: 86_400,
          kept: many.map((id) => ({ id })),
        },
      }),
    ),
    api('repeatedImages', '100 of the largest', (c) => repeatedImages(c, tenant, many)),
    api('findImages', '100 of the largest', (c) => findImages(c, tenant, { ids: many })),
    api('findImages', '100 of the largest, with variants', (c) =>
      findImages(c, tenant, { ids: many, variants: true }),
    ),
    api('markUploaded', 'awaited', (c) => markUploaded(c, { tenant, imageId: awaited })),
    api('markDeleted', 'ready', (c) => markDeleted(c, { tenant, imageId: ready })),
    api('finishDirectUpload', 'of a name', (c) => finishDirectUpload(c, { tenant, imageId: named })),
    api('markUploaded', 'of a name', (c) => markUploaded(c, { tenant, imageId: named })),
    ...lists,
    api('listImages', 'largest, all, with variants', (c) =>
      listImages(c, largestTenant, { limit: 50, variants: true }),
    ),
  ];
}

async function processCases(client: pg.Client): Promise<Case[]> {
  const maxAttempts = 5;
  const terms = { leaseSeconds: 65, maxAttempts, alone: false, beginning: 3 };
  const queued = await client.query<{ id: string; tenant: string }>(
    `select id, tenant_id as tenant from image where status = 'queued' and deleted_at is null limit 10`,
  );
  const wanted = queued.rows.map(({ id, tenant }) => ({ imageId: id, tenant }));
  const ofNames = (
    await client.query<{ imageId: string; tenant: string }>(
      `select id as "imageId", tenant_id as tenant from image
       where status = 'queued' and replaces is not null and deleted_at is null limit 10`,
    )
  ).rows;
  const follows = (
    await client.query<{ imageId: string; tenant: string }>(
      `select id as "imageId", tenant_id as tenant from image
       where pending is not null and deleted_at is null limit 10`,
    )
  ).rows.map((one) => ({ ...one, complete: true as const }));
  const original = { contentType: 'image/jpeg', bytes: 1, width: 1, height: 1, frames: 1 } as const;
  const made = { contentType: 'image/webp', width: 1, height: 1, frames: 1, bytes: 1 } as const;
  const variants = ['large', 'medium', 'small'].map((preset) => ({
    ...made,
    preset,
    format: 'webp' as const,
    sha256: 'ab'.repeat(32),
    key: 'derived/one',
  }));
  const failed = await client.query<{ imageId: string; attempt: number }>(
    `select id as "imageId", attempt from image where status = 'failed' and deleted_at is null limit 10`,
  );
  return [
    {
      by: 'process',
      name: 'markDeadLettered',
      what: 'a batch of 10',
      run: (connection) => markDeadLettered(connection, failed.rows),
    },
    { by: 'process', name: 'claimImages', what: 'a batch of 10', run: (c) => claimImages(c, wanted, terms) },
    {
      by: 'process',
      name: 'claimImages',
      what: 'a batch of 10, each of a name',
      run: (c) => claimImages(c, ofNames, terms),
    },
    {
      by: 'process',
      name: 'claimImages',
      what: 'a batch of 10, to complete them',
      run: (c) => claimImages(c, follows, terms),
    },
    {
      by: 'process',
      name: 'commitResults',
      what: 'a batch of 10',
      run: async (connection) => {
        const claims = await claimImages(connection, wanted, terms);
        const results = claims.flatMap((claim) =>
          claim.outcome === 'claimed'
            ? [
                {
                  imageId: claim.imageId,
                  attempt: claim.attempt,
                  outcome: 'ready' as const,
                  original,
                  placeholder: { color: '#336699' },
                  variants,
                },
              ]
            : [],
        );
        return commitResults(connection, results, { maxAttempts });
      },
    },
  ];
}

async function sweepCases(client: pg.Client): Promise<Case[]> {
  const limit = 1_000;
  const sweep = (name: string, what: string, run: Case['run']): Case => ({ by: 'sweep', name, what, run });
  /** A case from the start, and one after the five-thousandth or last row. */
  const pages = (
    name: string,
    what: string,
    ask: (connection: Connection, page: Page) => Promise<DatedImage[]>,
  ): Case[] => [
    sweep(name, `${what}, first`, (connection) => ask(connection, { limit })),
    sweep(name, `${what}, deep`, async (connection) => {
      const after = (await ask(connection, { limit: 5 * limit })).at(-1);
      return ask(connection, { limit, after });
    }),
  ];
  const olderThanSeconds = 86_400;
  const graceSeconds = 300;
  const awaiting = await idsOf(client, "status = 'awaiting_upload' and deleted_at is null", limit);
  const deleted = await idsOf(client, "deleted_at is not null and status = 'ready'", limit);
  const unfinished = await idsOf(client, 'pending is not null and deleted_at is null', limit);
  const superseded = await idsOf(client, "status = 'superseded' and deleted_at is null", limit);
  const rejected = await idsOf(client, "status = 'rejected' and deleted_at is null", limit);
  return [
    ...pages('unusedTickets', 'at once', (c, page) => stalled.unusedTickets(c, { ...page, graceSeconds })),
    sweep('markExpired', '1,000', (c) => stalled.markExpired(c, awaiting)),
    sweep('markEnqueued', '1,000', (c) => stalled.markEnqueued(c, awaiting)),
    ...pages('waitingLong', '2 minutes', (c, page) =>
      stalled.waitingLong(c, { ...page, olderThanSeconds: 120 }),
    ),
    ...pages('waitingLong', '1 hour', (c, page) =>
      stalled.waitingLong(c, { ...page, olderThanSeconds: 3_600 }),
    ),
    ...pages('abandoned', 'their worker died', (c, page) =>
      stalled.abandoned(c, { ...page, again: false, olderThanSeconds: 60 }),
    ),
    ...pages('abandoned', 'enqueued again an hour ago', (c, page) =>
      stalled.abandoned(c, { ...page, again: true, olderThanSeconds: 3_600 }),
    ),
    ...pages('deletedImages', 'removable', (c, page) => deletedImages(c, { ...page, graceSeconds })),
    ...pages('pendingImages', 'follow', (c, page) =>
      follow.pendingImages(c, { ...page, olderThanSeconds: 300 }),
    ),
    sweep('markCompletionSent', '1,000', (c) => follow.markCompletionSent(c, unfinished)),
    sweep('replacedObjects', 'first', (c) => follow.replacedObjects(c, { limit, olderThanSeconds: 4_500 })),
    sweep('removeReplaced', '1,000', async (c) =>
      follow.removeReplaced(c, await follow.replacedObjects(c, { limit, olderThanSeconds: 4_500 })),
    ),
    ...pages('unclearedImages', 'superseded', (c, page) => unclearedImages(c, { ...page, graceSeconds })),
    sweep('markCleared', '1,000', (c) => markCleared(c, superseded)),
    sweep('removeDeleted', '1,000', (c) => removeDeleted(c, deleted)),
    ...endStatuses.flatMap((status) =>
      pages('endedImages', status, (c, page) => endedImages(c, { ...page, status, olderThanSeconds })),
    ),
    sweep('removeEnded', '1,000', (c) => removeEnded(c, rejected, { status: 'rejected', olderThanSeconds })),
    sweep('reconcileBacklog', 'all', (c) => reconcileBacklog(c, { everySeconds: 0 })),
    sweep('removeExpiredKeys', '1,000', (c) => removeExpiredKeys(c, { limit })),
    sweep('extraUploads', 'first', (c) => extraUploads(c, { limit: 200 })),
    sweep('removeExtraUploads', '200', async (c) =>
      removeExtraUploads(c, await extraUploads(c, { limit: 200 })),
    ),
  ];
}
