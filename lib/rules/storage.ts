import { RuleBroken } from './broken.ts';

/** Storage that may not grow as RDS grows it; the message says from where on it may. */
export class NoRoomToGrow extends RuleBroken {
  override readonly name = 'NoRoomToGrow';
}

/**
 * RDS grows storage by a tenth at the least, and takes no bound that leaves less room than that; it advises 26 %. The
 * same size twice means that it does not grow.
 * @throws NoRoomToGrow
 */
export function requireRoomToGrow({
  storageGb,
  maxStorageGb,
}: {
  storageGb: number;
  maxStorageGb: number;
}): void {
  const least = Math.ceil(storageGb * 1.26);
  if (maxStorageGb === storageGb || maxStorageGb >= least) return;
  throw new NoRoomToGrow(
    'database.maxStorageGb',
    `Storage of ${storageGb} GB (database.storageGb) cannot grow to ${maxStorageGb}: make it ${least} or more, or ` +
      `${storageGb} for storage that does not grow.`,
  );
}
