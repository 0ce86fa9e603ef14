/*
 * fauxqs runs in its own process: it writes SQLite synchronously, and the runner must not stall while 500 messages arrive
 * at once. It receives its folder from the parent, replies with its port, and ends with the parent.
 */
import { channel } from 'node:diagnostics_channel';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { takeAllCharacters } from './fauxqs-characters-patch.ts';
import { deliverFairly, keepGroups } from './fauxqs-fairness-patch.ts';
import { mendPersistence } from './fauxqs-persistence-patch.ts';

/** The parent's first message. */
export interface FauxqsSettings {
  dataFolder: string;
  /** False delivers in order of arrival. */
  fairDelivery?: boolean;
}

/** The reply. */
export type FauxqsAnswer = { port: number } | { problem: string; missing: boolean };

interface FastifyInstance {
  listen(options: { port: number; host: string }): Promise<string>;
}

channel('fastify.initialization').subscribe((message) => {
  const { fastify } = message as { fastify: FastifyInstance };
  const listen = fastify.listen.bind(fastify);
  // fauxqs listens on every address, checks no signature, and has no option for this.
  fastify.listen = (options) => listen({ ...options, host: '127.0.0.1' });
});

/**
 * Makes messages visible that were in flight when the last run ended: all workers ended with it, so there is no reason
 * to wait for the visibility timeout.
 */
function releaseInFlight(dataFolder: string): void {
  const file = join(dataFolder, 'fauxqs.db');
  if (!existsSync(file)) return;
  const database = new DatabaseSync(file);
  try {
    const table = database.prepare("select 1 from sqlite_master where name = 'sqs_messages'").get();
    if (table !== undefined)
      database.exec(
        'update sqs_messages set receipt_handle = null, visibility_deadline = null where receipt_handle is not null',
      );
  } finally {
    database.close();
  }
}

async function start({ dataFolder, fairDelivery = true }: FauxqsSettings): Promise<FauxqsAnswer> {
  try {
    releaseInFlight(dataFolder);
    const { startFauxqs } = await import('fauxqs');
    await takeAllCharacters();
    await mendPersistence();
    await keepGroups();
    if (fairDelivery) await deliverFairly();
    const { port } = await startFauxqs({
      port: 0,
      logger: false,
      defaultRegion: 'us-east-1',
      dataDir: dataFolder,
    });
    return { port };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    return { problem: error instanceof Error ? error.message : String(error), missing };
  }
}

process.once('message', (folders: FauxqsSettings) => {
  start(folders).then((answer) => process.send?.(answer));
});
// The parent has ended.
process.once('disconnect', () => process.exit(0));
