import type { DatabaseSync } from 'node:sqlite';

/** The part of fauxqs's database access that is patched. */
interface Persistence {
  db: DatabaseSync;
  /** Called once, when the database has been opened. */
  prepareStatements(): unknown;
  updateMessageReady(messageId: string): void;
}

/**
 * fauxqs 2.4.1 loses a message whose visibility is set to 0: its statement writes NULL into a NOT NULL column after the
 * message has left the in-flight list. Without the patch, messages that `process` gives to the dead-letter queue would be
 * missing until the next start.
 *
 * It also waits for the disk three times for each message. With the patch a message survives a `kill -9` as before; a power
 * cut may lose the last ones, as with objects (local/s3/store/schema.ts).
 */
export async function mendPersistence(): Promise<void> {
  const module = new URL('./persistence.js', import.meta.resolve('fauxqs'));
  const { PersistenceManager } = (await import(module.href)) as {
    PersistenceManager: { prototype: Persistence };
  };
  const { prototype } = PersistenceManager;
  prototype.updateMessageReady = function (messageId) {
    this.db
      .prepare(
        'update sqs_messages set receipt_handle = null, visibility_deadline = null where message_id = ?',
      )
      .run(messageId);
  };
  const { prepareStatements } = prototype;
  prototype.prepareStatements = function () {
    this.db.exec('pragma synchronous = normal');
    return prepareStatements.call(this);
  };
}
