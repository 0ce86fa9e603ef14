import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { adoptOldObjects } from './adopt.ts';
import { Bodies } from './bodies.ts';
import { Sqlite } from './sqlite.ts';
import { UploadIndex } from './upload-index.ts';
import { VersionIndex } from './version-index.ts';

/** Where objects are: their bytes and what is known of them. */
export interface ObjectStore {
  bodies: Bodies;
  index: VersionIndex;
  uploads: UploadIndex;
  close(): void;
}

/**
 * Opens the store in a folder, which one process may have open at a time. A body is written whole before its version is
 * entered, and removed after: what a crash leaves are files that no version names, and they are removed here.
 */
export function openStore(folder: string, buckets: readonly string[], now: () => number): ObjectStore {
  mkdirSync(folder, { recursive: true });
  const database = new Sqlite(join(folder, 'index.db'));
  try {
    const index = new VersionIndex(database, now);
    const uploads = new UploadIndex(database);
    const bodies = new Bodies(join(folder, 'bodies'));
    adoptOldObjects(folder, index, bodies);
    bodies.removeOrphans(new Set([...index.bodies(), ...uploads.bodies()]));
    for (const bucket of buckets) index.createBucket(bucket);
    return { bodies, index, uploads, close: () => database.close() };
  } catch (error) {
    database.close();
    throw error;
  }
}
