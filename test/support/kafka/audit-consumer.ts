import { createHandler } from '../../../lambda/audit/handler.ts';
import { openOnDemand } from '../../../lambda/postgres/connection/on-demand.ts';
import { KafkaMapping, type KafkaMappingState } from '../../../local/kafka/mapping.ts';
import { queueOfRefused } from '../../unit/consume/queue-of-refused.ts';
import { invocation, recordingLog } from '../../unit/process/test-worker.ts';
import type { ConsumerOptions } from './consumer-process.ts';

/** What the process reports, ten times a second. */
export interface ConsumerReport extends KafkaMappingState {
  /** Bytes. */
  rss: number;
  heapUsed: number;
}

/* A process with a mapping and the handler of `audit`, as consumer-process.ts starts it. */
const { database, batchMs, ...mapping } = JSON.parse(process.argv[2] ?? '') as ConsumerOptions;
const handle = createHandler({
  database: openOnDemand({
    environment: {
      DATABASE_HOST: database.host,
      DATABASE_PORT: database.port,
      DATABASE_NAME: database.name,
      DATABASE_USER: 'sluice_audit',
      DATABASE_AUTH: 'password',
      DATABASE_TLS: 'off',
      DATABASE_PREPARED_STATEMENTS: 'named',
    },
    password: async () => database.rolesPassword,
    applicationName: 'audit',
  }),
  refusedEvents: queueOfRefused(),
  log: recordingLog(),
});
const running = new KafkaMapping({
  ...mapping,
  async invoke(event) {
    const began = Date.now();
    try {
      const payload = JSON.stringify(
        await handle(
          event,
          invocation(() => 30_000),
        ),
      );
      // As slow as a database that takes so long for a batch.
      await new Promise((resolve) => setTimeout(resolve, batchMs - (Date.now() - began)));
      return { ok: true, requestId: '', payload };
    } catch (error) {
      return { ok: false, requestId: '', error: { errorType: 'Error', errorMessage: String(error) } };
    }
  },
  onTrouble: (line) => process.stderr.write(`${line}\n`),
});
const timer = setInterval(() => {
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ ...running.state, rss, heapUsed } satisfies ConsumerReport);
}, 100);
process.once('message', () => {
  clearInterval(timer);
  void running.stop().then(() => process.disconnect());
});
