/*
 * fauxqs in a process of its own: it writes SQLite and files synchronously, and the runner must not stall while
 * 500 uploads arrive at once. Told its folders by the parent, it answers with its port and ends with the parent.
 */
import { channel } from 'node:diagnostics_channel';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { mendVisibilityOfZero } from './mend.ts';

/** The parent's first message. */
export interface FauxqsFolders {
  dataFolder: string;
  objectFolder: string;
}

/** The answer: it listens, or it cannot. */
export type FauxqsAnswer = { port: number } | { problem: string; missing: boolean };

/** fauxqs stops at 11 MiB; originals may have 100 (`limits.maxBytes`), and the edge in front has its own limits. */
const bodyLimit = 128 * 1024 * 1024;

interface FastifyInstance {
  addHook(name: 'onRoute', hook: (route: { bodyLimit?: number }) => void): void;
  listen(options: { port: number; host: string }): Promise<string>;
}

// fauxqs has no options for either; Fastify announces each instance before it has routes.
channel('fastify.initialization').subscribe((message) => {
  const { fastify } = message as { fastify: FastifyInstance };
  fastify.addHook('onRoute', (route) => {
    route.bodyLimit = bodyLimit;
  });
  const listen = fastify.listen.bind(fastify);
  // It would listen on every address of the machine, and it asks for no signature.
  fastify.listen = (options) => listen({ ...options, host: '127.0.0.1' });
});

/**
 * Makes messages visible that were in flight when the last run ended: all workers died with it, so there is
 * nobody left whose visibility timeout one would have to wait for.
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

async function start({ dataFolder, objectFolder }: FauxqsFolders): Promise<FauxqsAnswer> {
  try {
    releaseInFlight(dataFolder);
    const { startFauxqs } = await import('fauxqs');
    await mendVisibilityOfZero();
    const { port } = await startFauxqs({
      port: 0,
      logger: false,
      defaultRegion: 'us-east-1',
      dataDir: dataFolder,
      s3StorageDir: objectFolder,
    });
    return { port };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    return { problem: error instanceof Error ? error.message : String(error), missing };
  }
}

process.once('message', (folders: FauxqsFolders) => {
  start(folders).then((answer) => process.send?.(answer));
});
// The parent has ended, whatever way.
process.once('disconnect', () => process.exit(0));
