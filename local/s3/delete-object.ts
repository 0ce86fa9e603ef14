import type { ServerResponse } from 'node:http';
import type { S3Context } from './context.ts';
import { notImplemented } from './errors.ts';
import { namedVersion, versionHeader } from './find-version.ts';
import type { S3Request } from './request.ts';
import type { ObjectStore } from './store/open-store.ts';
import type { Version } from './store/version.ts';

/** DELETE of an object or of one of its versions; a missing one is no error. */
export async function deleteObject(
  request: S3Request,
  response: ServerResponse,
  { store }: S3Context,
): Promise<void> {
  const { bucket, key, headers } = request;
  // S3 has conditional deletes; ignoring the condition would be worse than refusing it.
  if (headers['if-match'] !== undefined) throw notImplemented({ Header: 'If-Match' });
  const id = namedVersion(request);
  const version = await removeFrom(store, bucket, key, id);
  response.writeHead(204, {
    ...(version === undefined ? {} : versionHeader(store.index, bucket, version)),
    ...(version === undefined && id !== undefined ? { 'x-amz-version-id': id } : {}),
    ...(version?.marker === true ? { 'x-amz-delete-marker': 'true' } : {}),
  });
  response.end();
}

/**
 * Deletes a key, or permanently one version of it with its bytes.
 * @returns the delete marker that was added, or the version that was removed
 */
export async function removeFrom(
  { index, bodies }: ObjectStore,
  bucket: string,
  key: string,
  id: string | undefined,
): Promise<Version | undefined> {
  const change = id === undefined ? index.remove(bucket, key) : index.removeVersion(bucket, key, id);
  await bodies.remove(change?.freed);
  return change?.version;
}
