/* Requests with unchanged path and headers: fetch and the SDK would normalise them. */
import { createHash } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { bucket, credentials, s3 } from './s3-fixture.ts';

export interface RawResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The code of an error document. */
  code: string | undefined;
}

export interface RawRequest {
  method?: string;
  /** A key of the bucket, encoded here; or a path, sent unchanged. */
  key?: string;
  path?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Added after signing. */
  unsigned?: Record<string, string>;
  /** Signed in the query, for a minute. */
  presigned?: boolean;
  /** Changes the signed request before it is sent. */
  tamper?: (signed: { headers: Record<string, string>; query: Record<string, string> }) => void;
}

const signer = new SignatureV4({
  credentials,
  region: 'us-east-1',
  service: 's3',
  sha256: Sha256,
  uriEscapePath: false,
  applyChecksum: false,
});

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** Signs and sends a request. */
export async function raw(given: RawRequest): Promise<RawResponse> {
  const { method = 'GET', key = '', query = {}, body = '', presigned = false } = given;
  const { host, hostname, port } = new URL(s3.endpoint);
  const path = given.path ?? `/${bucket}/${key.split('/').map(encode).join('/')}`;
  const payload = createHash('sha256').update(body).digest('hex');
  const length = ['PUT', 'POST'].includes(method)
    ? { 'content-length': String(Buffer.byteLength(body)) }
    : {};
  const request = {
    method,
    protocol: 'http:',
    hostname,
    port: Number(port),
    path,
    query,
    headers: {
      host,
      'x-amz-content-sha256': presigned ? 'UNSIGNED-PAYLOAD' : payload,
      ...length,
      ...given.headers,
    },
  };
  const done = presigned
    ? await signer.presign(request, { expiresIn: 60, unsignableHeaders: new Set(['content-length']) })
    : await signer.sign(request);
  const signed = { headers: { ...done.headers }, query: { ...done.query } as Record<string, string> };
  given.tamper?.(signed);
  const text = Object.entries(signed.query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const target = `${path}${text.length === 0 ? '' : `?${text.join('&')}`}`;
  return send(method, target, { ...signed.headers, ...given.unsigned }, body);
}

/** Sends a request unchanged. */
export function send(
  method: string,
  target: string,
  headers: Record<string, string> = {},
  body: string | Buffer = '',
): Promise<RawResponse> {
  const { hostname, port } = new URL(s3.endpoint);
  return new Promise((done, fail) => {
    const outgoing = httpRequest(
      { hostname, port, method, path: target, headers: { ...lengthOf(body), ...headers }, agent: false },
      async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk as Buffer);
        const received = Buffer.concat(chunks);
        const code = /<Code>(.*?)<\/Code>/.exec(received.toString())?.[1];
        done({ status: answer.statusCode ?? 0, headers: answer.headers, body: received, code });
      },
    );
    outgoing.on('error', fail);
    // A string would encode the headers in UTF-8 too.
    outgoing.end(Buffer.from(body));
  });
}

/** Node.js sets the length of a body with some methods only. */
function lengthOf(body: string | Buffer): Record<string, string> {
  return body.length === 0 ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}
