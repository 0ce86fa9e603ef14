import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Sha256 } from '@smithy/core/checksum';
import { buildQueryString, escapeUriPath } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { bucketEndpoint } from './bucket-endpoint.ts';
import { ownEndpoint } from './endpoint.ts';
import { openClock } from './s3/clock.ts';
import { openTransport, readBody } from './s3/exchange.ts';
import { openRetries } from './s3/retries.ts';
import { errorOf } from './s3/storage-error.ts';
import { type SigningClient, signingClient } from './signing-client.ts';

/** A bucket and the client for it. */
export interface BucketAccess {
  bucketName: string;
  client: StorageClient;
}
/** The same; by default a new client. */
export type BucketOptions = Pick<BucketAccess, 'bucketName'> & Partial<BucketAccess>;

/** The operations of S3 in use, with their method and the query that names them. */
const operations = {
  GetObject: { method: 'GET', query: {} },
  HeadObject: { method: 'HEAD', query: {} },
  PutObject: { method: 'PUT', query: {} },
  DeleteObject: { method: 'DELETE', query: {} },
  DeleteObjects: { method: 'POST', query: { delete: '' } },
  ListObjectVersions: { method: 'GET', query: { versions: '' } },
} as const;

export interface StorageRequest {
  operation: keyof typeof operations;
  bucketName: string;
  /** Absent for the bucket itself. */
  key?: string;
  query?: Record<string, string>;
  /** Names in lower case. */
  headers?: Record<string, string>;
  /** A body with its SHA-256 in hex: it is signed, and S3 verifies and keeps it. */
  body?: { bytes: Uint8Array; sha256: string };
}

/** Calls of S3 that failed throw a StorageError, or an error named `TimeoutError`, `AbortError` or by the system. */
export interface StorageClient {
  /** Sends a request and reads the response. */
  send(
    request: StorageRequest,
    signal?: AbortSignal,
  ): Promise<{ headers: IncomingHttpHeaders; body: Buffer }>;
  /** The same; the caller reads or destroys the body. */
  open(
    request: StorageRequest,
    signal?: AbortSignal,
  ): Promise<{ headers: IncomingHttpHeaders; body: IncomingMessage }>;
  /** Closes idle connections. */
  destroy(): void;
}

export interface StorageClientOptions {
  /**
   * Tries per call. Three survive an occasional 503 SlowDown; functions with short deadlines take two, because the worst
   * case is `maxAttempts × 4 s`.
   */
  maxAttempts?: number;
  /** URL of S3, for path-style addresses. Default: the environment's, or that of AWS. */
  endpoint?: string;
  signing?: SigningClient;
  /** Limit of the head of a response, and between two bytes of its body, in milliseconds. Default 4 s. */
  answerMs?: number;
}

const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * A client of S3: requests signed by the SDK's signer, with the SDK's retries, on connections that are kept alive. Its own
 * client takes 2.0-2.5 ms of CPU for a put, three times as much, and a job has eight calls (docs/architecture.md).
 */
export function storageClient(options: StorageClientOptions = {}): StorageClient {
  const { maxAttempts = 3, endpoint = ownEndpoint('S3') } = options;
  const { signing = signingClient(), answerMs = 4_000 } = options;
  const { region, credentials } = signing.config;
  // S3 encodes a path once.
  const signature = new SignatureV4({
    service: 's3',
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
    credentials,
    region,
  });
  const transport = openTransport(answerMs);
  const retry = openRetries(maxAttempts);
  const clock = openClock();
  const endpoints = new Map<string, Promise<URL>>();

  function endpointOf(bucketName: string): Promise<URL> {
    const known = endpoints.get(bucketName);
    if (known !== undefined) return known;
    const found = region().then((name) => bucketEndpoint(name, bucketName, endpoint));
    endpoints.set(bucketName, found);
    return found;
  }

  /** One try. */
  async function call(request: StorageRequest, signal?: AbortSignal): Promise<IncomingMessage> {
    const signedAt = clock.now();
    const unsigned = unsignedRequest(request, await endpointOf(request.bucketName));
    const { headers } = await signature.sign(unsigned, { signingDate: signedAt });
    const search = buildQueryString(unsigned.query);
    const path = search === '' ? unsigned.path : `${unsigned.path}?${search}`;
    const response = await transport.exchange(
      { ...unsigned, path, headers, body: request.body?.bytes },
      signal,
    );
    const wrongTime = clock.observe(signedAt, response.headers);
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    const error = await errorOf(statusCode, response.headers, await readBody(response));
    if (wrongTime) error.$metadata.clockSkewCorrected = true;
    throw error;
  }

  return {
    send: (request, signal) =>
      retry(async () => {
        const response = await call(request, signal);
        const body = await readBody(response);
        // S3 may report an error after it has begun a response, which the SDK takes for a 503.
        if (body.subarray(-16).toString().endsWith('</Error>'))
          throw await errorOf(503, response.headers, body);
        return { headers: response.headers, body };
      }, signal),
    open: (request, signal) =>
      retry(async () => {
        const body = await call(request, signal);
        return { headers: body.headers, body };
      }, signal),
    destroy: () => transport.close(),
  };
}

function unsignedRequest({ operation, key = '', query, headers, body }: StorageRequest, base: URL) {
  const { method, query: named } = operations[operation];
  const sha256 = body?.sha256 ?? emptySha256;
  const folder = base.pathname.replace(/\/$/, '');
  return {
    method,
    protocol: base.protocol,
    hostname: base.hostname,
    ...(base.port === '' ? {} : { port: Number(base.port) }),
    path: `${folder}/${escapeUriPath(key)}`,
    query: { ...named, ...query },
    headers: {
      host: base.host,
      'user-agent': 'sluice',
      'x-amz-content-sha256': sha256,
      ...headers,
      ...(body === undefined
        ? {}
        : {
            'content-length': String(body.bytes.byteLength),
            'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
          }),
    },
  };
}
