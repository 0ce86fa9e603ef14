import type { Checksum } from './checksums.ts';
import type { CreatedBy } from './created-event.ts';
import type { EdgeParts } from './edge-parts.ts';
import { preconditionFailed, S3Error } from './errors.ts';
import type { EdgeRequest } from './request.ts';
import { encode } from './sigv4.ts';
import type { Spool } from './spool.ts';
import { readText } from './upstream.ts';

/** An object whose bytes are known to be right. Header names in lower case. */
export interface WholeObject {
  key: string;
  spool: Spool;
  /** What is kept beside the bytes: content-type, cache-control, x-amz-meta-…. */
  headers: Record<string, string>;
  checksum: Checksum | undefined;
  /** Only where no object has the key yet (`If-None-Match: *`). */
  onlyNew: boolean;
  by: CreatedBy;
}

/**
 * Writes an object and announces it, one writer of a key at a time.
 * @returns its ETag, with quotes
 * @throws S3Error 412 where one is there already and only a new one was wanted
 */
export async function storeObject(
  request: EdgeRequest,
  parts: EdgeParts,
  object: WholeObject,
): Promise<string> {
  const { upstream, locks } = parts;
  const path = `/${request.bucket}/${object.key.split('/').map(encode).join('/')}`;
  return locks.run(path, async () => {
    if (object.onlyNew && (await upstream.head(path)) !== undefined) throw preconditionFailed();
    const headers: Record<string, string | number> = {
      ...object.headers,
      'content-length': object.spool.bytes,
    };
    // fauxqs keeps it and gives it back to whoever asks with x-amz-checksum-mode; checking it was our part.
    if (object.checksum !== undefined)
      headers[`x-amz-checksum-${object.checksum.algorithm}`] = object.checksum.value;
    const answer = await upstream.send('PUT', path, headers, object.spool.read());
    const text = await readText(answer);
    if (answer.statusCode !== 200)
      throw new S3Error(answer.statusCode ?? 500, codeOf(text), `The object could not be written. ${text}`);
    const eTag = answer.headers.etag ?? '';
    await parts.onCreated({
      by: object.by,
      bucket: request.bucket,
      key: object.key,
      size: object.spool.bytes,
      eTag: eTag.replaceAll('"', ''),
      requestId: request.id,
      region: parts.credentials.region,
    });
    return eTag;
  });
}

function codeOf(xml: string): string {
  return /<Code>([^<]*)<\/Code>/.exec(xml)?.[1] ?? 'InternalError';
}
