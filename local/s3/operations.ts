import {
  getLocation,
  getVersioning,
  headBucket,
  listBuckets,
  putVersioning,
  refuseBucketChange,
} from './bucket-operations.ts';
import { completeUpload } from './complete-upload.ts';
import type { Operation, S3Context } from './context.ts';
import { deleteObject } from './delete-object.ts';
import { deleteObjects } from './delete-objects.ts';
import { notImplemented, S3Error } from './errors.ts';
import { getObject } from './get-object.ts';
import { checkKey } from './keys.ts';
import { listObjects } from './list-objects.ts';
import { listVersions } from './list-versions.ts';
import { abortUpload, createUpload, listParts, uploadPart } from './multipart.ts';
import { putObject } from './put-object.ts';
import type { S3Request } from './request.ts';

type Resource = 'SERVICE' | 'BUCKET' | 'OBJECT';
/** By method and sub-resource (a query parameter that selects an aspect of the resource). */
type Operations = Record<string, Record<string, Operation>>;

const operations: Record<Resource, Operations> = {
  SERVICE: { GET: { '': listBuckets } },
  BUCKET: {
    GET: { '': listObjects, versions: listVersions, versioning: getVersioning, location: getLocation },
    HEAD: { '': headBucket },
    PUT: { '': refuseBucketChange, versioning: putVersioning },
    POST: { delete: deleteObjects },
    DELETE: { '': refuseBucketChange },
  },
  OBJECT: {
    GET: { '': getObject, uploadId: listParts },
    HEAD: { '': getObject },
    PUT: { '': putObject, uploadId: uploadPart },
    POST: { uploads: createUpload, uploadId: completeUpload },
    DELETE: { '': deleteObject, uploadId: abortUpload },
  },
};

/** All sub-resources of S3: a request for one that is not implemented must not be mistaken for one for the resource. */
const subresources = `
  versions versioning location delete uploads uploadId acl accelerate analytics attributes cors
  encryption intelligent-tiering inventory legal-hold lifecycle logging metadataConfiguration
  metadataTable metrics notification object-lock ownershipControls policy policyStatus
  publicAccessBlock renameObject replication requestPayment restore retention select session tagging
  torrent website
`
  .trim()
  .split(/\s+/);

/** The operation of a request. @throws S3Error 405, or 501 for an operation that is not implemented */
export function operationOf(request: S3Request): Operation {
  const { method, query } = request;
  const resource = resourceOf(request);
  const methods = operations[resource];
  const known = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (known === undefined) throw notAllowed(method, resource);
  const subresource = subresources.find((name) => query.has(name)) ?? '';
  const operation = Object.hasOwn(known, subresource) ? known[subresource] : undefined;
  if (operation !== undefined) return operation;
  throw subresource === '' ? notAllowed(method, resource) : notImplemented({ Header: subresource });
}

/** Checks of every operation on a bucket or an object. @throws S3Error */
export function checkTarget(request: S3Request, { store }: S3Context): void {
  const resource = resourceOf(request);
  if (resource !== 'SERVICE' && !store.index.hasBucket(request.bucket)) throw noSuchBucket(request.bucket);
  if (resource === 'OBJECT') checkKey(request.key);
}

function resourceOf({ bucket, key }: S3Request): Resource {
  if (bucket === '') return 'SERVICE';
  return key === '' ? 'BUCKET' : 'OBJECT';
}

function noSuchBucket(bucket: string): S3Error {
  return new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket });
}

function notAllowed(method: string, resource: Resource): S3Error {
  return new S3Error(
    405,
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
    { Method: method, ResourceType: resource },
    { allow: Object.keys(operations[resource]).join(', ') },
  );
}
