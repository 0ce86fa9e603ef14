import type { S3Context } from './context.ts';
import type { CreatedBy } from './created-event.ts';
import type { S3Request } from './request.ts';
import type { Spool } from './spool.ts';
import type { ObjectProperties, Version } from './store/version.ts';

/** An object with verified bytes. */
export interface WholeObject {
  key: string;
  spool: Spool;
  properties: ObjectProperties;
  /** Without quotes; by default the MD5 of the bytes. */
  eTag?: string;
  /** Receives the newest version so far, and may throw. */
  check?: (newest: Version | undefined) => void;
  by: CreatedBy;
}

/** Writes an object as the newest version of its key and announces it. @throws what its check throws */
export async function storeObject(
  request: S3Request,
  { store: { bodies, index }, onCreated, credentials }: S3Context,
  { key, spool, properties, eTag = spool.digests.md5Hex, check = () => undefined, by }: WholeObject,
): Promise<Version> {
  const body = await bodies.keep(spool);
  const { bucket } = request;
  const change = await enter(() =>
    index.put(bucket, { key, bytes: spool.bytes, eTag, body, properties }, check),
  );
  await bodies.remove(change.freed);
  await onCreated({
    by,
    bucket,
    key,
    size: spool.bytes,
    eTag,
    sequence: change.version.sequence,
    ...(index.versioning(bucket) === undefined ? {} : { versionId: change.version.id }),
    requestId: request.id,
    region: credentials.region,
  });
  return change.version;

  async function enter<Result>(put: () => Result): Promise<Result> {
    try {
      return put();
    } catch (error) {
      await bodies.remove(body);
      throw error;
    }
  }
}
