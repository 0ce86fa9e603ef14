import type { IncomingHttpHeaders } from 'node:http';

/** Of a response that is an error, in the form of the SDK. */
export interface ErrorMetadata {
  httpStatusCode: number;
  requestId?: string | undefined;
  extendedRequestId?: string | undefined;
  attempts?: number;
  /** The clock was wrong and is corrected: the next try is signed with the right time. */
  clockSkewCorrected?: boolean;
}

/** An error that S3 reported. Its name is the code, such as `SlowDown`; `Unknown` without one. */
export class ServiceError extends Error {
  readonly $metadata: ErrorMetadata;
  /** Not enumerable: logs have no headers. The back-off reads Retry-After. */
  declare readonly $response: { statusCode: number; headers: IncomingHttpHeaders };

  constructor(
    { name, message }: { name?: string | undefined; message?: string | undefined },
    metadata: ErrorMetadata,
    headers: IncomingHttpHeaders,
  ) {
    super(message ?? 'UnknownError');
    this.name = name ?? 'Unknown';
    this.$metadata = metadata;
    const response = { statusCode: metadata.httpStatusCode, headers };
    Object.defineProperty(this, '$response', { value: response, enumerable: false });
  }
}

/** A header that a response has once. */
export function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** What the SDK's readers of XML need of a client. */
export const utf8 = { utf8Encoder: (bytes: Uint8Array) => Buffer.from(bytes).toString() } as never;
