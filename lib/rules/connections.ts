import { RuleBroken } from './broken.ts';

/** More connections may be opened than there are. */
export class ConnectionsExceeded extends RuleBroken {
  override readonly name = 'ConnectionsExceeded';
}

/**
 * The shares of a server's connections, or those of a role's, are together no more than there are.
 * @param of whose `available` they are, for the message.
 * @throws ConnectionsExceeded
 */
export function requireConnections(
  shares: Readonly<Record<string, number>>,
  available: number,
  of: string,
): void {
  const sum = Object.values(shares).reduce((total, one) => total + one, 0);
  if (sum <= available) return;
  const written = Object.entries(shares).map(([name, share]) => `${name} ${share}`);
  throw new ConnectionsExceeded(
    'database.maxConnections',
    `connections: ${written.join(' + ')}${written.length > 1 ? ` = ${sum}` : ''} > ${available} (${of})`,
  );
}
