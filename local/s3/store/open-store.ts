import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Bodies } from './bodies.ts';
import { importOldObjects } from './import-objects.ts';
import { Sqlite } from './sqlite.ts';
import { UploadIndex } from './upload-index.ts';
import { VersionIndex } from './version-index.ts';

export interface ObjectStore {
  bodies: Bodies;
  index: VersionIndex;
  uploads: UploadIndex;
  close(): void;
}

/**
 * Opens the store in a folder, which one process at a time may use. A body is written whole before its version is
 * recorded, and removed after it: a crash leaves only files without a version, which are removed here.
 */
export function openStore(folder: string, buckets: readonly string[], now: () => number): ObjectStore {
  mkdirSync(folder, { recursive: true });
  const database = new Sqlite(join(folder, 'index.db'));
  try {
    const index = new VersionIndex(database, now);
    const uploads = new UploadIndex(database);
    const bodies = new Bodies(join(folder, 'bodies'));
    importOldObjects(folder, index, bodies);
    bodies.removeOrphans(new Set([...index.bodies(), ...uploads.bodies()]));
    for (const bucket of buckets) index.createBucket(bucket);
    const close = () => {
      database.close();
      bodies.close();
    };
    return { bodies, index, uploads, close };
  } catch (error) {
    database.close();
    throw error;
  }
}
