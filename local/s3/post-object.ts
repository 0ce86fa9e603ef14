import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { declaredChecksum, declaredMd5 } from './checksums.ts';
import type { S3Context } from './context.ts';
import { invalidArgument } from './errors.ts';
import { versionHeader } from './find-version.ts';
import { readForm } from './form.ts';
import { checkKey } from './keys.ts';
import { checkPolicy, checkSize, type FormFields, type SizeRange } from './policy.ts';
import type { S3Request } from './request.ts';
import { encode } from './sigv4.ts';
import { Spool } from './spool.ts';
import type { Version } from './store/version.ts';
import { storeObject } from './store-object.ts';
import { storedHeaders } from './stored-headers.ts';
import { declaration, element } from './xml.ts';

/** POST of a form to the bucket: the signed policy in the form decides everything. */
export async function postObject(
  request: S3Request,
  response: ServerResponse,
  context: S3Context,
): Promise<void> {
  const { fields, filename, file } = await readForm(request);
  const range = checkPolicy(fields, request.bucket, context.credentials, context.now());
  const template = fields.get('key');
  if (template === undefined || template === '')
    throw invalidArgument(
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
    );
  const key = template.replace(/\$\{filename\}/g, () => filename);
  checkKey(key);
  const headers = storedHeaders(fields);
  const md5 = declaredMd5(fields.get('content-md5'));
  const checksum = declaredChecksum((name) => fields.get(name));
  const spool = new Spool(context.spoolFolder, checksum === undefined ? [] : [checksum.algorithm]);
  try {
    await fill(spool, file, range);
    if (checksum !== undefined) spool.digests.verify(checksum);
    spool.digests.verifyMd5(md5);
    const version = await storeObject(request, context, {
      key,
      spool,
      properties: { headers, ...(checksum === undefined ? {} : { checksum }) },
      by: 'Post',
    });
    response.setHeader('etag', `"${version.eTag}"`);
    for (const [name, value] of Object.entries(versionHeader(context.store.index, request.bucket, version)))
      response.setHeader(name, value);
    respond(request, response, fields, version);
  } finally {
    await spool.discard();
  }
}

async function fill(spool: Spool, file: Readable, range: SizeRange): Promise<void> {
  for await (const chunk of file) {
    checkSize(spool.bytes + (chunk as Buffer).length, range, false);
    await spool.write(chunk as Buffer);
  }
  checkSize(spool.bytes, range, true);
}

/** 204, or as `success_action_status` and `success_action_redirect` request. */
function respond(request: S3Request, response: ServerResponse, fields: FormFields, version: Version): void {
  const { bucket, headers } = request;
  const { key } = version;
  const eTag = `"${version.eTag}"`;
  const location = `http://${headers.host}/${bucket}/${key.split('/').map(encode).join('/')}`;
  const redirect = fields.get('success_action_redirect');
  if (redirect !== undefined && URL.canParse(redirect)) {
    const target = new URL(redirect);
    for (const [name, value] of Object.entries({ bucket, key, etag: eTag }))
      target.searchParams.set(name, value);
    response.writeHead(303, { location: target.href }).end();
    return;
  }
  response.setHeader('location', location);
  const status = fields.get('success_action_status');
  if (status !== '201') {
    response.writeHead(status === '200' ? 200 : 204).end();
    return;
  }
  const content = { Location: location, Bucket: bucket, Key: key, ETag: eTag };
  response.writeHead(201, { 'content-type': 'application/xml' });
  response.end(declaration + element('PostResponse', content));
}
