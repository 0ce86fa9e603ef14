import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ChecksumAlgorithm } from '../checksums.ts';
import type { Bodies } from './bodies.ts';
import type { ObjectProperties } from './version.ts';
import type { VersionIndex } from './version-index.ts';

/** The metadata file that fauxqs wrote for each body. */
interface OldObject {
  key: string;
  contentLength: number;
  etag: string;
  lastModified: string;
  contentType: string;
  contentLanguage?: string;
  contentDisposition?: string;
  contentEncoding?: string;
  cacheControl?: string;
  metadata: Record<string, string>;
  checksumAlgorithm?: string;
  checksumValue?: string;
}

/**
 * Imports the objects that fauxqs stored before the bucket was versioned, as null versions. After an interruption it
 * continues at the next start: a body's name follows from its key, and the old folder is removed last.
 */
export function importOldObjects(folder: string, index: VersionIndex, bodies: Bodies): void {
  const old = join(folder, 'buckets');
  if (!existsSync(old)) return;
  for (const bucket of readdirSync(old)) {
    const objects = join(old, bucket, 'objects');
    if (!existsSync(objects)) continue;
    index.createBucket(bucket);
    for (const name of readdirSync(objects, { recursive: true, encoding: 'utf8' }).sort())
      if (name.endsWith('.meta.json')) adopt(bucket, join(objects, name), index, bodies);
  }
  rmSync(old, { recursive: true });
  rmSync(join(folder, '_multipart'), { recursive: true, force: true });
}

function adopt(bucket: string, metaFile: string, index: VersionIndex, bodies: Bodies): void {
  const old = readOld(metaFile);
  if (old === undefined) return;
  const body = createHash('sha256').update(`${bucket}/${old.key}`).digest('hex').slice(0, 32);
  const data = metaFile.replace(/\.meta\.json$/, '.data');
  if (existsSync(data)) renameSync(data, bodies.path(body));
  // It wrote in place: a body that a kill cut short was never acknowledged.
  if (statSync(bodies.path(body), { throwIfNoEntry: false })?.size !== old.contentLength) return;
  const eTag = old.etag.replaceAll('"', '');
  index.importObject(
    bucket,
    { key: old.key, bytes: old.contentLength, eTag, body, properties: propertiesOf(old) },
    Date.parse(old.lastModified),
  );
}

function readOld(metaFile: string): OldObject | undefined {
  try {
    return JSON.parse(readFileSync(metaFile, 'utf8')) as OldObject;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function propertiesOf(old: OldObject): ObjectProperties {
  const named = {
    'content-type': old.contentType,
    'content-language': old.contentLanguage,
    'content-disposition': old.contentDisposition,
    'content-encoding': old.contentEncoding,
    'cache-control': old.cacheControl,
  };
  const metadata = Object.entries(old.metadata).map(
    ([name, value]) => [`x-amz-meta-${name}`, value] as const,
  );
  const headers = [...Object.entries(named), ...metadata].filter(([, value]) => value !== undefined);
  const algorithm = old.checksumAlgorithm?.toLowerCase() as ChecksumAlgorithm | undefined;
  return {
    headers: Object.fromEntries(headers) as Record<string, string>,
    ...(algorithm === undefined || old.checksumValue === undefined
      ? {}
      : { checksum: { algorithm, value: old.checksumValue } }),
  };
}
