import type { ServerResponse } from 'node:http';
import { behind, behindAll, laterOf } from './byte-order.ts';
import type { S3Context } from './context.ts';
import { invalidArgument } from './errors.ts';
import { groupOf, type ListParameters, listedDate, listParameters } from './list-parameters.ts';
import type { S3Request } from './request.ts';
import type { Version } from './store/version.ts';
import type { VersionIndex } from './store/version-index.ts';
import { s3Document, sendDocument } from './xml.ts';

interface Page {
  objects: Version[];
  groups: string[];
  /** Start of the next page; undefined at the end. */
  next: Buffer | undefined;
  /** The last key or common prefix of the page. */
  last: string;
}

/** GET of the bucket: ListObjectsV2, or ListObjects without `list-type=2`. */
export function listObjects(request: S3Request, response: ServerResponse, { store }: S3Context): void {
  const { bucket, query } = request;
  const parameters = listParameters(request);
  const { encode, prefix, delimiter, maxKeys, encodingType } = parameters;
  const second = query.get('list-type') === '2';
  const after = query.get(second ? 'start-after' : 'marker') ?? '';
  const token = second ? query.get('continuation-token') : null;
  const from = token === null ? startBehind(after, parameters) : positionOf(token);
  const page = readPage(store.index, bucket, laterOf(from, Buffer.from(prefix)), parameters);
  const paging = second
    ? {
        StartAfter: after === '' ? undefined : encode(after),
        ContinuationToken: token ?? undefined,
        NextContinuationToken: page.next?.toString('base64url'),
        KeyCount: page.objects.length + page.groups.length,
      }
    : {
        Marker: encode(after),
        NextMarker: page.next !== undefined && delimiter !== undefined ? encode(page.last) : undefined,
      };
  const document = s3Document('ListBucketResult', {
    Name: bucket,
    Prefix: encode(prefix),
    ...paging,
    MaxKeys: maxKeys,
    Delimiter: delimiter === undefined ? undefined : encode(delimiter),
    EncodingType: encodingType,
    IsTruncated: page.next !== undefined,
    Contents: page.objects.map((object) => ({
      Key: encode(object.key),
      LastModified: listedDate(object.modified),
      ETag: `"${object.eTag}"`,
      ChecksumAlgorithm: object.properties.checksum?.algorithm.toUpperCase(),
      Size: object.bytes,
      StorageClass: 'STANDARD',
    })),
    CommonPrefixes: page.groups.map((group) => ({ Prefix: encode(group) })),
  });
  sendDocument(response, document);
}

/** A marker that is a common prefix of the previous page covers all keys under it. */
function startBehind(after: string, parameters: ListParameters): Buffer {
  if (after === '') return Buffer.alloc(0);
  return groupOf(after, parameters) === after ? behindAll(after) : behind(after);
}

function positionOf(token: string): Buffer {
  const position = Buffer.from(token, 'base64url');
  if (token !== '' && position.toString('base64url') === token) return position;
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
}

function readPage(index: VersionIndex, bucket: string, from: Buffer, parameters: ListParameters): Page {
  const { prefix, maxKeys } = parameters;
  const page: Page = { objects: [], groups: [], next: undefined, last: '' };
  let position = from;
  // One look-up beyond the items shows whether there is a next page. S3 calls a page of no items the last one.
  while (maxKeys > 0) {
    const object = index.nextLive(bucket, position);
    if (object === undefined || !object.key.startsWith(prefix)) break;
    if (page.objects.length + page.groups.length === maxKeys) {
      page.next = position;
      break;
    }
    const group = groupOf(object.key, parameters);
    if (group === undefined) page.objects.push(object);
    else page.groups.push(group);
    page.last = group ?? object.key;
    position = group === undefined ? behind(object.key) : behindAll(group);
  }
  return page;
}
