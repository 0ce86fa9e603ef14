import { RuleBroken } from './broken.ts';

/** A cache has no network to be in. */
export class CacheUnreachable extends RuleBroken {
  override readonly name = 'CacheUnreachable';
}

/** The cache that the deployment would create, beside an existing database without a network. */
export function unreachableCache(
  { store, connection }: { store: string; connection?: unknown },
  database: { connection?: { network?: unknown } | undefined },
): RuleBroken[] {
  const own = database.connection === undefined || database.connection.network !== undefined;
  if (store !== 'valkey' || connection !== undefined || own) return [];
  return [
    new CacheUnreachable(
      'counters.store',
      'a cache is reachable from a VPC only: give database.connection.network, or counters.connection',
    ),
  ];
}
