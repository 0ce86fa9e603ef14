import { RuleBroken } from './broken.ts';

export class NoRoomToGrow extends RuleBroken {
  override readonly name = 'NoRoomToGrow';
}

/**
 * RDS grows storage by at least a tenth, rejects a lower limit, and advises 26 %. Equal sizes turn autoscaling off.
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
    `Storage of ${storageGb} GB (database.storageGb) cannot grow to ${maxStorageGb}: set ${least} or more, or ` +
      `${storageGb} to turn autoscaling off.`,
  );
}
