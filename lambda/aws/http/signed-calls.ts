import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Sha256 } from '@smithy/core/checksum';
import { buildQueryString } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SigningClient } from '../signing-client.ts';
import { openClock } from './clock.ts';
import { openTransport, readBody } from './exchange.ts';
import { openRetries } from './retries.ts';
import type { ServiceError } from './service-error.ts';

/** A request before it is signed. Names of headers are in lower case. */
export interface UnsignedRequest {
  method: string;
  base: URL;
  /** Encoded. */
  path: string;
  query?: Record<string, string>;
  headers: Record<string, string>;
  body?: Uint8Array | undefined;
}

export interface CallOptions {
  service: 's3' | 'sqs';
  signing: SigningClient;
  /** Tries per call. */
  maxAttempts: number;
  /** Limit of the head of a response, and between two bytes of its body, in milliseconds. */
  answerMs: number;
  errorOf(status: number, headers: IncomingHttpHeaders, body: Buffer): Promise<ServiceError>;
}

/** Calls of a service. They throw a ServiceError, or an error named `TimeoutError`, `AbortError` or by the system. */
export interface SignedCalls {
  /** @param read reads the response; a failure that passes repeats the whole call. */
  call<Result>(
    requestOf: () => Promise<UnsignedRequest>,
    read: (response: IncomingMessage) => Promise<Result> | Result,
    signal?: AbortSignal,
  ): Promise<Result>;
  /** Closes idle connections. */
  close(): void;
}

/**
 * Calls that the SDK's signer signs and the SDK's retries repeat, on connections that are kept alive. The SDK's client takes
 * three times the CPU, as it builds and runs some 25 middlewares for each call (docs/architecture.md).
 */
export function openSignedCalls({
  service,
  signing,
  maxAttempts,
  answerMs,
  errorOf,
}: CallOptions): SignedCalls {
  const { region, credentials } = signing.config;
  const signature = new SignatureV4({
    service,
    sha256: Sha256,
    // S3 encodes a path once; requests of SQS have none.
    uriEscapePath: false,
    applyChecksum: false,
    credentials,
    region,
  });
  const transport = openTransport(answerMs);
  const retry = openRetries(maxAttempts);
  const clock = openClock();

  async function send(
    { method, base, path, query = {}, headers, body }: UnsignedRequest,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    const signedAt = clock.now();
    const place = {
      method,
      protocol: base.protocol,
      hostname: base.hostname,
      ...(base.port === '' ? {} : { port: Number(base.port) }),
    };
    const all = { host: base.host, 'user-agent': 'sluice', ...headers };
    const signed = await signature.sign(
      { ...place, path, query, headers: all, body },
      { signingDate: signedAt },
    );
    const search = buildQueryString(query);
    const target = search === '' ? path : `${path}?${search}`;
    const response = await transport.exchange(
      { ...place, path: target, headers: signed.headers, body },
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
    call: (requestOf, read, signal) => retry(async () => read(await send(await requestOf(), signal)), signal),
    close: () => transport.close(),
  };
}
