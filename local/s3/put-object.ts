import type { ServerResponse } from 'node:http';
import { checkWriteConditions, judgeWrite } from './conditions.ts';
import { invalidArgument } from './errors.ts';
import { versionHeader } from './find-version.ts';
import type { S3Parts } from './parts.ts';
import { receiveBody } from './receive-body.ts';
import { parameter, type S3Request } from './request.ts';
import { storeObject } from './store-object.ts';

const keptHeaders = ['content-type', 'content-language', 'content-disposition', 'cache-control', 'expires'];

/** PUT of an object. */
export async function putObject(
  request: S3Request,
  response: ServerResponse,
  parts: S3Parts,
  payloadHash: string,
): Promise<void> {
  const { key, headers } = request;
  if (request.query.has('versionId'))
    throw invalidArgument('This operation does not accept a version-id.', 'versionId');
  checkWriteConditions(headers);
  const { spool, checksum } = await receiveBody(request, parts, payloadHash);
  try {
    const version = await storeObject(request, parts, {
      key,
      spool,
      properties: { headers: objectHeaders(request), ...(checksum === undefined ? {} : { checksum }) },
      check: (newest) => judgeWrite(headers, key, newest),
      by: 'Put',
    });
    response.writeHead(200, {
      etag: `"${version.eTag}"`,
      ...versionHeader(parts.store.index, request.bucket, version),
      ...(checksum === undefined
        ? {}
        : { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' }),
    });
    response.end();
  } finally {
    await spool.discard();
  }
}

/** What is kept beside the bytes, of headers and of the signed query. */
export function objectHeaders(request: S3Request): Record<string, string> {
  const names = [
    ...Object.keys(request.headers),
    ...[...request.query.keys()].map((name) => name.toLowerCase()),
  ];
  const kept = names.filter((name) => keptHeaders.includes(name) || name.startsWith('x-amz-meta-'));
  const headers: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const name of kept) headers[name] = parameter(request, name) ?? '';
  const encoding = (request.headers['content-encoding'] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one !== 'aws-chunked');
  return encoding.length === 0 ? headers : { ...headers, 'content-encoding': encoding.join(',') };
}
