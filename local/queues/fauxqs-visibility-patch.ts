import type { DatabaseSync } from 'node:sqlite';

/** The part of fauxqs's database access that is patched. */
interface Persistence {
  db: DatabaseSync;
  updateMessageReady(messageId: string): void;
}

/**
 * fauxqs 2.4.1 loses a message whose visibility is set to 0: its statement writes NULL into a NOT NULL column after the
 * message has left the in-flight list. Without the patch, messages that `process` gives to the dead-letter queue would be
 * missing until the next start.
 */
export async function mendVisibilityOfZero(): Promise<void> {
  const module = new URL('./persistence.js', import.meta.resolve('fauxqs'));
  const { PersistenceManager } = (await import(module.href)) as {
    PersistenceManager: { prototype: Persistence };
  };
  PersistenceManager.prototype.updateMessageReady = function (messageId) {
    this.db
      .prepare(
        'update sqs_messages set receipt_handle = null, visibility_deadline = null where message_id = ?',
      )
      .run(messageId);
  };
}
