import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { adoptOldObjects } from './adopt.ts';
import { Bodies } from './bodies.ts';
import { VersionIndex } from './version-index.ts';

/** Where objects are: their bytes and what is known of them. */
export interface ObjectStore {
  bodies: Bodies;
  index: VersionIndex;
}

/**
 * Opens the store in a folder, which one process may have open at a time. A body is written whole before its version is
 * entered, and removed after: what a crash leaves are files that no version names, and they are removed here.
 */
export function openStore(folder: string, buckets: readonly string[], now: () => number): ObjectStore {
  mkdirSync(folder, { recursive: true });
  const index = new VersionIndex(join(folder, 'index.db'), now);
  const bodies = new Bodies(join(folder, 'bodies'));
  adoptOldObjects(folder, index, bodies);
  bodies.removeOrphans(index.bodies());
  for (const bucket of buckets) index.createBucket(bucket);
  return { bodies, index };
}
