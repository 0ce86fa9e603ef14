import type { Connection } from '../connection/connection.ts';

/**
 * Lets all following statements see the images of one moment. Until the end, VACUUM keeps all row versions that were
 * replaced since. Between two pages the session may be idle for longer than the minute for which a reader may take nothing.
 * A page may take as long as the whole response: after a statement timeout nothing could go on in this transaction.
 */
export async function beginSnapshot(connection: Connection): Promise<void> {
  await connection.query(
    `begin isolation level repeatable read, read only; set local idle_in_transaction_session_timeout = '70s';
     set local statement_timeout = '15min'`,
  );
}

export async function endSnapshot(connection: Connection): Promise<void> {
  await connection.query('commit');
}
