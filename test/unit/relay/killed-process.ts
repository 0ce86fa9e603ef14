import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openOnDemand } from '../../../lambda/postgres/connection/on-demand.ts';
import { claimImages } from '../../../lambda/postgres/images/claim.ts';
import { commitResults, type JobResult } from '../../../lambda/postgres/images/commit.ts';
import { relayEvents } from '../../../lambda/relay/relay.ts';
import type { Sink } from '../../../lambda/relay/sink.ts';
import type { DatabaseEnvironment } from '../../../lambda/runtime/environment.ts';
import { silentMetrics } from '../../../lambda/runtime/metrics.ts';
import { recordingLog } from '../process/test-worker.ts';

/* A relay or a worker, to be killed at any moment. The relay's sink is a file, a line per event. */

export interface Killed {
  role: 'relay' | 'worker';
  environment: DatabaseEnvironment;
  password: string;
  file: string;
  leaseSeconds: number;
}

const given = JSON.parse(process.argv[2] ?? '') as Killed;
const { role, environment, password, file, leaseSeconds } = given;
const database = openOnDemand({ environment, password: async () => password, applicationName: role });

const sink: Sink = {
  name: 'kafka',
  async send(events) {
    for (const { id, subject, sequence, type } of events)
      appendFileSync(file, `${[id, subject, sequence, type].join(' ')}\n`);
    return events.map(() => true);
  },
};

async function relay(): Promise<void> {
  const parts = {
    database,
    sinks: [sink],
    park: async () => [],
    nudges: { send: async () => new Map<number, string>() },
    log: recordingLog(),
    metrics: silentMetrics,
  };
  await relayEvents(parts, () => 600_000, leaseSeconds);
  await sleep(20);
}

async function work(): Promise<void> {
  const terms = { leaseSeconds, maxAttempts: 1_000, alone: true, beginning: 10 };
  await database.run(async (connection) => {
    const { rows } = await connection.query<{ imageId: string; tenant: string }>(
      `select id as "imageId", tenant_id as tenant from image
       where status = 'queued' or status = 'processing' and lease_expires_at < now() limit 10`,
    );
    const claims = await claimImages(connection, rows, terms);
    const results = claims.flatMap((claim): JobResult[] =>
      claim.outcome === 'claimed'
        ? [
            {
              imageId: claim.imageId,
              attempt: claim.attempt,
              outcome: 'rejected',
              code: 'corrupt_image',
              detail: '',
            },
          ]
        : [],
    );
    await commitResults(connection, results, { maxAttempts: 1_000 });
    if (rows.length === 0) await sleep(50);
  });
}

for (;;) await (role === 'relay' ? relay() : work());
