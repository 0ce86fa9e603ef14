import type { ServerResponse } from 'node:http';
import { checkWriteConditions, evaluateWriteConditions } from './conditions.ts';
import type { S3Context } from './context.ts';
import { invalidArgument } from './errors.ts';
import { versionHeader } from './find-version.ts';
import { receiveBody } from './receive-body.ts';
import { type S3Request, textOfHeader } from './request.ts';
import { storeObject } from './store-object.ts';
import { storedHeaders } from './stored-headers.ts';

export async function putObject(
  request: S3Request,
  response: ServerResponse,
  context: S3Context,
  payloadHash: string,
): Promise<void> {
  const { key, headers } = request;
  if (request.query.has('versionId'))
    throw invalidArgument('This operation does not accept a version-id.', 'versionId');
  checkWriteConditions(headers);
  const stored = objectHeaders(request);
  const { spool, checksum } = await receiveBody(request, context, payloadHash);
  try {
    const version = await storeObject(request, context, {
      key,
      spool,
      properties: { headers: stored, ...(checksum === undefined ? {} : { checksum }) },
      check: (newest) => evaluateWriteConditions(headers, key, newest),
      by: 'Put',
    });
    response.writeHead(200, {
      etag: `"${version.eTag}"`,
      ...versionHeader(context.store.index, request.bucket, version),
      ...(checksum === undefined
        ? {}
        : { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' }),
    });
    response.end();
  } finally {
    await spool.discard();
  }
}

/** The headers to store, from the headers and the signed query. */
export function objectHeaders(request: S3Request): Record<string, string> {
  const headers = Object.entries(request.headers).map(
    ([name, value]) => [name, name.startsWith('x-amz-meta-') ? textOfHeader(value) : value] as const,
  );
  const query = [...request.query].map(([name, value]) => [name.toLowerCase(), value] as const);
  const { 'content-encoding': encoding = '', ...others } = storedHeaders([
    ...query.filter(([name]) => name.startsWith('x-amz-meta-')),
    ...headers,
  ]);
  // It describes the transfer, not the object.
  const codings = encoding.split(',').map((one) => one.trim());
  const own = codings.filter((one) => one !== '' && one !== 'aws-chunked');
  return own.length === 0 ? others : { ...others, 'content-encoding': own.join(',') };
}
