import type { DatabaseSync } from 'node:sqlite';

/** What is mended of fauxqs's own way to its database. */
interface Persistence {
  db: DatabaseSync;
  updateMessageReady(messageId: string): void;
}

/**
 * fauxqs 2.4.1 loses a message whose visibility is set to 0: its statement for it writes NULL into a column that takes
 * none, and the message has left the list of those in flight by then. Without this, what `process` hands to the
 * dead-letter queue would be gone until the next start.
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
