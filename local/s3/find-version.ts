import { invalidArgument, noSuchKey, S3Error } from './errors.ts';
import type { S3Request } from './request.ts';
import { isVersionId, type Version } from './store/version.ts';
import type { VersionIndex } from './store/version-index.ts';

/** The version that `?versionId=` names; undefined without it. @throws S3Error for an invalid id */
export function namedVersion({ query }: S3Request): string | undefined {
  const id = query.get('versionId');
  if (id === null) return undefined;
  if (id === '') throw invalidArgument('Version id cannot be the empty string', 'versionId', id);
  if (!isVersionId(id)) throw invalidArgument('Invalid version id specified', 'versionId', id);
  return id;
}

/** The version that GET and HEAD read: the named or the newest one. @throws S3Error if it is missing or deleted */
export function findVersion(request: S3Request, index: VersionIndex): Version {
  const { bucket, key } = request;
  const id = namedVersion(request);
  const version = id === undefined ? index.newest(bucket, key) : index.byId(bucket, key, id);
  if (version === undefined)
    throw id === undefined
      ? noSuchKey(key)
      : new S3Error(404, 'NoSuchVersion', 'The specified version does not exist.', {
          Key: key,
          VersionId: id,
        });
  if (!version.marker) return version;
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.id };
  if (id === undefined) throw noSuchKey(key, headers);
  throw new S3Error(
    405,
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
    { Method: request.method, ResourceType: 'DeleteMarker' },
    { ...headers, allow: 'DELETE', 'last-modified': new Date(version.modified).toUTCString() },
  );
}

/** `x-amz-version-id`, which S3 omits for a bucket that has never been versioned. */
export function versionHeader(index: VersionIndex, bucket: string, { id }: Version): Record<string, string> {
  return index.versioning(bucket) === undefined ? {} : { 'x-amz-version-id': id };
}
