import type { ServerResponse } from 'node:http';
import type { S3Context } from './context.ts';
import { invalidArgument, S3Error } from './errors.ts';
import { listedDate } from './list-parameters.ts';
import { objectHeaders } from './put-object.ts';
import { receiveBody } from './receive-body.ts';
import type { S3Request } from './request.ts';
import type { Upload } from './store/upload-index.ts';
import { s3Document, sendDocument } from './xml.ts';

export const maxParts = 10_000;

/** POST ?uploads */
export function createUpload(request: S3Request, response: ServerResponse, { store, now }: S3Context): void {
  const { bucket, key } = request;
  const id = store.uploads.create(bucket, key, { headers: objectHeaders(request) }, now());
  sendDocument(
    response,
    s3Document('InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: id }),
  );
}

/** PUT ?uploadId&partNumber */
export async function uploadPart(
  request: S3Request,
  response: ServerResponse,
  context: S3Context,
  payloadHash: string,
): Promise<void> {
  const { uploads, bodies } = context.store;
  const number = Number(request.query.get('partNumber') ?? Number.NaN);
  if (!Number.isInteger(number) || number < 1 || number > maxParts)
    throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber');
  const { id } = findUpload(request, context);
  const { spool, checksum } = await receiveBody(request, context, payloadHash);
  try {
    const body = await bodies.keep(spool);
    const eTag = spool.digests.md5Hex;
    // The upload was completed or aborted while the body arrived.
    if (uploads.find(request.bucket, request.key, id) === undefined) {
      await bodies.remove(body);
      throw noSuchUpload(id);
    }
    await bodies.remove(
      uploads.putPart(id, { number, bytes: spool.bytes, eTag, body, modified: context.now() }),
    );
    const checksumHeader =
      checksum === undefined ? {} : { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value };
    response.writeHead(200, { etag: `"${eTag}"`, ...checksumHeader }).end();
  } finally {
    await spool.discard();
  }
}

/** DELETE ?uploadId */
export async function abortUpload(
  request: S3Request,
  response: ServerResponse,
  context: S3Context,
): Promise<void> {
  await removeUpload(findUpload(request, context), context);
  response.writeHead(204).end();
}

/** GET ?uploadId: all parts in one page, where S3 would return ten. */
export function listParts(request: S3Request, response: ServerResponse, context: S3Context): void {
  const { id, bucket, key } = findUpload(request, context);
  const listed = context.store.uploads.parts(id).map((part) => ({
    PartNumber: part.number,
    LastModified: listedDate(part.modified),
    ETag: `"${part.eTag}"`,
    Size: part.bytes,
  }));
  const head = { Bucket: bucket, Key: key, UploadId: id, MaxParts: maxParts, IsTruncated: false };
  sendDocument(response, s3Document('ListPartsResult', { ...head, Part: listed }));
}

/** The upload that `?uploadId=` names. @throws S3Error */
export function findUpload({ bucket, key, query }: S3Request, { store }: S3Context): Upload {
  const id = query.get('uploadId') ?? '';
  const upload = store.uploads.find(bucket, key, id);
  if (upload === undefined) throw noSuchUpload(id);
  return upload;
}

export async function removeUpload({ id }: Upload, { store: { uploads, bodies } }: S3Context): Promise<void> {
  const parts = uploads.parts(id);
  uploads.remove(id);
  await Promise.all(parts.map(({ body }) => bodies.remove(body)));
}

function noSuchUpload(id: string): S3Error {
  const message =
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.';
  return new S3Error(404, 'NoSuchUpload', message, { UploadId: id });
}
