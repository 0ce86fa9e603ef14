import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SQSRecord } from 'aws-lambda';
import type { RenderedImage } from '../../../lambda/imaging/rendered-image.ts';
import { smallPhoto } from '../../support/pictures.ts';
import { readImage } from '../postgres/rows.ts';
import type { Poison, WorkerSetup } from './poisoned-worker.ts';
import { openTestWorker } from './test-worker.ts';

export const poisons: readonly Poison[] = ['kill', 'hang', 'memory'];

/** A queue and a worker that an image may kill. A round delivers all visible messages; then those of dead workers return. */
export async function openPoisonHarness() {
  const testWorker = await openTestWorker();
  const [photo, poisonous] = [await smallPhoto(1), await smallPhoto(2)];
  const order = { bytes: photo, presetNames: ['small'], tenant: 'alpha', year: 2026 };
  const decoded: RenderedImage = await testWorker.lane.decode(order, { timeoutMs: 60_000 });
  const options = testWorker.db.options('sluice_process');
  const setup = {
    environment: options.environment,
    password: await options.password(),
    ...{ bucketName: testWorker.cloud.bucketName, queueUrl: testWorker.cloud.queueUrl },
    deadLettersUrl: testWorker.cloud.deadLettersUrl,
    settings: testWorker.settings,
    decoded,
    poison: createHash('sha256').update(poisonous).digest('hex'),
  } satisfies Omit<WorkerSetup, 'mode'>;
  let worker: ChildProcess | undefined;

  function start(mode: Poison): ChildProcess {
    const child = fork(join(import.meta.dirname, 'poisoned-worker.ts'), {
      serialization: 'advanced',
      execArgv: ['--max-old-space-size=96'],
      stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    });
    child.stdout?.on('data', () => child.kill('SIGKILL'));
    child.send({ setup: { ...setup, mode } satisfies WorkerSetup });
    return child;
  }

  /** Delivers a batch; undefined if the worker died. */
  async function deliver(mode: Poison, records: SQSRecord[]): Promise<string[] | undefined> {
    worker ??= start(mode);
    const died = once(worker, 'exit').then(() => undefined);
    worker.send({ records });
    const failed = await Promise.race([once(worker, 'message').then(([ids]) => ids as string[]), died]);
    if (failed === undefined) worker = undefined;
    return failed;
  }

  return {
    testWorker,
    /** Ten images with a message each, one of which kills workers; their ids by place. */
    async fill(place: number): Promise<string[]> {
      const ids: string[] = [];
      for (let at = 0; at < 10; at += 1) ids.push(await testWorker.upload(at === place ? poisonous : photo));
      for (const id of ids) await testWorker.sendJob(id);
      return ids;
    },
    /** One round, with each batch ordered by `arranged`. */
    async round(mode: Poison, arranged: (records: SQSRecord[]) => SQSRecord[]): Promise<void> {
      const back: SQSRecord[] = [];
      for (;;) {
        const records = arranged(await testWorker.receive());
        if (records.length === 0) break;
        for (let from = 0; from < records.length; from += 10) {
          const batch = records.slice(from, from + 10);
          const failed = await deliver(mode, batch);
          if (failed === undefined) back.push(...batch);
          else await testWorker.acknowledge(batch.filter(({ messageId }) => !failed.includes(messageId)));
        }
      }
      const { db, dependencies } = testWorker;
      // The visibility timeouts and leases of dead workers run out.
      await db.admin.query(
        "update image set lease_expires_at = now() - interval '1s' where status = 'processing'",
      );
      for (const { receiptHandle } of back)
        await dependencies.queue.changeVisibility(receiptHandle, 0).catch(() => undefined);
    },
    /** The status of each image, and its failures if any were counted. */
    async outcomes(ids: readonly string[]): Promise<string[]> {
      const rows = await Promise.all(ids.map((id) => readImage(testWorker.db.admin, id)));
      return rows.map(({ status, failures }) => (failures === 0 ? status : `${status} (${failures})`));
    },
    async empty(): Promise<void> {
      worker?.disconnect();
      worker = undefined;
      await testWorker.emptyQueue();
    },
    async close(): Promise<void> {
      worker?.kill('SIGKILL');
      await testWorker.close();
    },
  };
}
