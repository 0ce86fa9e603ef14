import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { checkWriteConditions, evaluateWriteConditions } from './conditions.ts';
import type { S3Context } from './context.ts';
import { malformedXml, S3Error } from './errors.ts';
import { versionHeader } from './find-version.ts';
import { findUpload, maxParts, removeUpload } from './multipart.ts';
import { readXmlBody } from './read-xml-body.ts';
import { maxBytes, tooLarge } from './receive-body.ts';
import type { S3Request } from './request.ts';
import { encode } from './sigv4.ts';
import { Spool } from './spool.ts';
import type { ObjectStore } from './store/open-store.ts';
import type { Part } from './store/upload-index.ts';
import { storeObject } from './store-object.ts';
import { s3Document, sendDocument } from './xml.ts';
import { childrenOf, textOf } from './xml-reader.ts';

/** Smallest size of every part but the last. */
const minPartBytes = 5 * 1024 * 1024;

/** POST ?uploadId: joins the parts into one object. */
export async function completeUpload(
  request: S3Request,
  response: ServerResponse,
  context: S3Context,
  payloadHash: string,
): Promise<void> {
  const { bucket, key, headers } = request;
  checkWriteConditions(headers);
  const upload = findUpload(request, context);
  const root = await readXmlBody(request, context, payloadHash, 'CompleteMultipartUpload');
  const named = childrenOf(root, 'Part').map((part) => ({
    number: Number(textOf(part, 'PartNumber')),
    eTag: textOf(part, 'ETag')?.replaceAll('"', '').trim(),
  }));
  const chosen = chooseParts(named, context.store.uploads.parts(upload.id));
  const spool = await concatenate(chosen, context);
  try {
    const hash = createHash('md5');
    for (const { eTag } of chosen) hash.update(Buffer.from(eTag, 'hex'));
    const version = await storeObject(request, context, {
      key,
      spool,
      properties: upload.properties,
      eTag: `${hash.digest('hex')}-${chosen.length}`,
      check: (newest) => evaluateWriteConditions(headers, key, newest),
      by: 'CompleteMultipartUpload',
    });
    await removeUpload(upload, context);
    const { index } = context.store;
    for (const [name, value] of Object.entries(versionHeader(index, bucket, version)))
      response.setHeader(name, value);
    const location = `http://${headers.host}/${bucket}/${key.split('/').map(encode).join('/')}`;
    const content = { Location: location, Bucket: bucket, Key: key, ETag: `"${version.eTag}"` };
    sendDocument(response, s3Document('CompleteMultipartUploadResult', content));
  } finally {
    await spool.discard();
  }
}

/** The stored parts that a client lists. @throws S3Error for parts that are missing, unordered or too small */
function chooseParts(
  named: readonly { number: number; eTag: string | undefined }[],
  there: readonly Part[],
): Part[] {
  if (named.length === 0 || named.length > maxParts) throw malformedXml();
  if (named.some(({ number }, index) => index > 0 && number <= (named[index - 1]?.number ?? 0)))
    throw new S3Error(400, 'InvalidPartOrder', 'The list of parts was not in ascending order.');
  const byNumber = new Map(there.map((part) => [part.number, part]));
  return named.map(({ number, eTag }, index) => {
    const part = byNumber.get(number);
    if (part === undefined || part.eTag !== eTag) throw invalidPart(number);
    if (part.bytes < minPartBytes && index < named.length - 1)
      throw new S3Error(
        400,
        'EntityTooSmall',
        'Your proposed upload is smaller than the minimum allowed size',
        { PartNumber: number, ProposedSize: part.bytes, MinSizeAllowed: minPartBytes },
      );
    return part;
  });
}

async function concatenate(chosen: readonly Part[], { store, spoolFolder }: S3Context): Promise<Spool> {
  const total = chosen.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > maxBytes) throw tooLarge(total);
  const spool = new Spool(spoolFolder);
  try {
    for (const { body, number } of chosen) {
      for await (const chunk of await openPart(store, body, number)) await spool.write(chunk as Buffer);
    }
    return spool;
  } catch (error) {
    await spool.discard();
    throw error;
  }
}

async function openPart({ bodies }: ObjectStore, body: string, number: number): Promise<Readable> {
  try {
    const opened = await bodies.open(body);
    return Buffer.isBuffer(opened) ? Readable.from([opened]) : opened.createReadStream();
  } catch {
    // It was replaced or aborted meanwhile.
    throw invalidPart(number);
  }
}

function invalidPart(number: number): S3Error {
  return new S3Error(400, 'InvalidPart', 'One or more of the specified parts could not be found.', {
    PartNumber: number,
  });
}
