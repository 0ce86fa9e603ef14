import { RuleBroken } from './broken.ts';

export class ConnectionsExceeded extends RuleBroken {
  override readonly name = 'ConnectionsExceeded';
}

/**
 * Requires that the shares fit the connections of a server or role.
 * @param of the owner of the `available` connections, for the message.
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
