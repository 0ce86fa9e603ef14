import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { DatabaseOptions } from '../../../lambda/postgres/connection/connection.ts';
import { openOnDemand } from '../../../lambda/postgres/connection/on-demand.ts';
import { claimImages } from '../../../lambda/postgres/images/claim.ts';
import { type Attempt, commitResults, type JobResult } from '../../../lambda/postgres/images/commit.ts';
import type { TestDatabase } from '../../support/database.ts';
import { patience } from '../../support/pace.ts';

/** Inserts queued images of one tenant. @returns their ids */
export async function queueImages(admin: pg.Client, count: number): Promise<string[]> {
  const { rows } = await admin.query<{ id: string }>(
    `insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, ticket_expires_at, enqueued_at)
     select uuidv7(), 'alpha', 'queued', 'image/jpeg', 1000, '{small}', now() + interval '15 minutes', now()
     from generate_series(1, $1::int) returning id`,
    [count],
  );
  return rows.map(({ id }) => id);
}

/**
 * A worker for each image, with a session of its own and the statements of `process`. Each is also given its neighbour's
 * image, as if SQS had delivered that twice. All commit when the last has claimed, so that no session ends before.
 */
export function startWorkers(options: DatabaseOptions, images: readonly string[]) {
  const claimed: string[] = [];
  const written: string[] = [];
  const faults: string[] = [];
  const allConnected = meeting(images.length);
  const allClaimed = meeting(images.length);
  const begin = Promise.withResolvers<void>();

  async function work(wanted: string[]): Promise<void> {
    const database = openOnDemand(options);
    await database.run(async (connection) => {
      allConnected.arrive();
      await begin.promise;
      const claims = await claimImages(
        connection,
        wanted.map((imageId) => ({ imageId, tenant: 'alpha' })),
        { leaseSeconds: Math.ceil(patience(60)), maxAttempts, alone: false, beginning: 2 },
      );
      const won = claims.filter((claim) => claim.outcome === 'claimed');
      claimed.push(...won.map(({ imageId }) => imageId));
      allClaimed.arrive();
      await allClaimed.held;
      const commits = await commitResults(connection, won.map(ready), { maxAttempts });
      written.push(...commits.flatMap(({ imageId, state }) => (state === 'written' ? imageId : [])));
    });
    await database.close();
  }

  const working = images.map((id, place) =>
    work([id, images[(place + 1) % images.length] ?? id]).catch((error: unknown) => {
      faults.push(String(error));
      // The others need not wait for it.
      for (const { giveUp } of [allConnected, allClaimed]) giveUp();
    }),
  );
  return {
    connected: allConnected.held,
    begin: () => begin.resolve(),
    /** Errors so far. */
    faults,
    async done() {
      await Promise.all(working);
      return { claimed, written };
    },
  };
}

/** Resolves `held` when so many have arrived. */
function meeting(expected: number) {
  const { promise: held, resolve } = Promise.withResolvers<void>();
  let arrived = 0;
  const arrive = () => {
    arrived += 1;
    if (arrived === expected) resolve();
  };
  return { held, arrive, giveUp: resolve };
}

const maxAttempts = 3;
const size = { width: 320, height: 240, frames: 1, bytes: 9_000 };

function ready({ imageId, attempt }: Attempt): JobResult {
  const variant = { ...size, preset: 'small', format: 'webp', contentType: 'image/webp' } as const;
  return {
    imageId,
    attempt,
    outcome: 'ready',
    original: { ...size, contentType: 'image/jpeg' },
    placeholder: { color: '#336699' },
    variants: [{ ...variant, sha256: 'ab'.repeat(32), key: `derived/${imageId}` }],
  };
}

/** Counts the functions' sessions at the server every 20 ms. */
export async function busiest(address: TestDatabase) {
  const watcher = new pg.Client({ ...address, database: address.name });
  await watcher.connect();
  let most = 0;
  let watching = true;
  const watch = async () => {
    while (watching) {
      const { rows } = await watcher.query<{ count: number }>(
        `select count(*)::int from pg_stat_activity where backend_type = 'client backend' and usename <> current_user`,
      );
      most = Math.max(most, rows[0]?.count ?? 0);
      await pause(20);
    }
    await watcher.end();
  };
  const watched = watch();
  return {
    /** The most until now. */
    most: () => most,
    async stop() {
      watching = false;
      await watched;
      return most;
    },
  };
}
