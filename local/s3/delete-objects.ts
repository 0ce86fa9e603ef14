import type { ServerResponse } from 'node:http';
import type { XmlElement } from '@rgrove/parse-xml';
import type { S3Context } from './context.ts';
import { removeFrom } from './delete-object.ts';
import { malformedXml, S3Error } from './errors.ts';
import { checkKey } from './keys.ts';
import { readXmlBody } from './read-xml-body.ts';
import type { S3Request } from './request.ts';
import { isVersionId } from './store/version.ts';
import { type Content, s3Document, sendDocument } from './xml.ts';
import { childrenOf, textOf } from './xml-reader.ts';

/** S3's limit for one request. */
const maxObjects = 1000;

/** POST ?delete: deletes keys and versions, and reports the result of each. */
export async function deleteObjects(
  request: S3Request,
  response: ServerResponse,
  context: S3Context,
  payloadHash: string,
): Promise<void> {
  const { headers } = request;
  if (
    headers['content-md5'] === undefined &&
    !Object.keys(headers).some((name) => /^x-amz-(checksum-|trailer|sdk-checksum-)/.test(name))
  )
    throw new S3Error(400, 'InvalidRequest', 'Missing required header for this request: Content-MD5');
  const root = await readXmlBody(request, context, payloadHash, 'Delete');
  const objects = childrenOf(root, 'Object');
  if (objects.length === 0 || objects.length > maxObjects) throw malformedXml();
  const quiet = textOf(root, 'Quiet')?.trim() === 'true';
  const deleted: Content[] = [];
  const errors: Content[] = [];
  for (const object of objects) {
    const { key, id } = identify(object);
    try {
      deleted.push(await deleteOne(request.bucket, key, id, context));
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      errors.push({ Key: key, VersionId: id, Code: error.code, Message: error.message });
    }
  }
  sendDocument(response, s3Document('DeleteResult', { Deleted: quiet ? [] : deleted, Error: errors }));
}

function identify(object: XmlElement): { key: string; id: string | undefined } {
  const key = textOf(object, 'Key');
  if (key === undefined) throw malformedXml();
  return { key, id: textOf(object, 'VersionId') || undefined };
}

async function deleteOne(
  bucket: string,
  key: string,
  id: string | undefined,
  { store }: S3Context,
): Promise<Content> {
  checkKey(key);
  if (id !== undefined && !isVersionId(id))
    throw new S3Error(404, 'NoSuchVersion', 'The specified version does not exist.');
  const version = await removeFrom(store, bucket, key, id);
  return {
    Key: key,
    VersionId: id,
    ...(version?.marker === true ? { DeleteMarker: true, DeleteMarkerVersionId: version.id } : {}),
  };
}
