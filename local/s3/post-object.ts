import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { declaredChecksum } from './checksums.ts';
import type { EdgeParts } from './edge-parts.ts';
import { escapeXml, invalidArgument } from './errors.ts';
import { readForm } from './form.ts';
import { checkPolicy, checkSize, type FormFields, type SizeRange } from './policy.ts';
import type { EdgeRequest } from './request.ts';
import { Spool } from './spool.ts';
import { storeObject } from './store.ts';

const keptFields = ['content-type', 'content-disposition', 'content-encoding', 'cache-control'];

/** POST of a form to the bucket: everything is decided by the signed policy in the form. */
export async function postObject(
  request: EdgeRequest,
  response: ServerResponse,
  parts: EdgeParts,
): Promise<void> {
  const { fields, filename, file } = await readForm(request);
  const range = checkPolicy(fields, request.bucket, parts.credentials, parts.now());
  const template = fields.get('key');
  if (template === undefined || template === '')
    throw invalidArgument(
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
    );
  const key = template.replace(/\$\{filename\}/g, () => filename);
  const checksum = declaredChecksum((name) => fields.get(name));
  const spool = new Spool(parts.spoolFolder, checksum === undefined ? [] : [checksum.algorithm]);
  try {
    await fill(spool, file, range);
    if (checksum !== undefined) spool.digests.verify(checksum);
    const headers = objectHeaders(fields);
    const eTag = await storeObject(request, parts, {
      key,
      spool,
      headers,
      checksum,
      onlyNew: false,
      by: 'Post',
    });
    answer(
      response,
      fields,
      `http://${request.headers.host}/${request.bucket}/${key}`,
      request.bucket,
      key,
      eTag,
    );
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

function objectHeaders(fields: FormFields): Record<string, string> {
  const kept = [...fields].filter(([name]) => keptFields.includes(name) || name.startsWith('x-amz-meta-'));
  return { 'content-type': 'binary/octet-stream', ...Object.fromEntries(kept) };
}

/** 204, or what `success_action_status` and `success_action_redirect` ask for. */
function answer(
  response: ServerResponse,
  fields: FormFields,
  location: string,
  bucket: string,
  key: string,
  eTag: string,
): void {
  response.setHeader('etag', eTag);
  response.setHeader('location', encodeURI(location));
  const redirect = fields.get('success_action_redirect');
  if (redirect !== undefined && URL.canParse(redirect)) {
    const target = new URL(redirect);
    for (const [name, value] of Object.entries({ bucket, key, etag: eTag }))
      target.searchParams.set(name, value);
    response.setHeader('location', target.href);
    response.writeHead(303).end();
    return;
  }
  const status = fields.get('success_action_status');
  if (status !== '201') {
    response.writeHead(status === '200' ? 200 : 204).end();
    return;
  }
  const elements = { Location: encodeURI(location), Bucket: bucket, Key: key, ETag: eTag };
  const inner = Object.entries(elements).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`);
  response.writeHead(201, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>${inner.join('')}</PostResponse>`);
}
