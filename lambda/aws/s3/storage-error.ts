import type { IncomingHttpHeaders } from 'node:http';
import { loadRestXmlErrorCode, parseXmlErrorBody } from '@aws-sdk/core/protocols';

/** Of a response that is an error, in the form of the SDK. */
export interface ErrorMetadata {
  httpStatusCode: number;
  requestId?: string | undefined;
  extendedRequestId?: string | undefined;
  attempts?: number;
  /** The clock was wrong and is corrected: the next try is signed with the right time. */
  clockSkewCorrected?: boolean;
}

/** An error of S3. Its name is the code, such as `SlowDown`; `Unknown` without a body, `NotFound` for a 404 without one. */
export class StorageError extends Error {
  readonly $metadata: ErrorMetadata;
  /** Not enumerable: logs have no headers. The back-off reads Retry-After. */
  declare readonly $response: { statusCode: number; headers: IncomingHttpHeaders };

  constructor(name: string, message: string, metadata: ErrorMetadata, headers: IncomingHttpHeaders) {
    super(message);
    this.name = name;
    this.$metadata = metadata;
    const response = { statusCode: metadata.httpStatusCode, headers };
    Object.defineProperty(this, '$response', { value: response, enumerable: false });
  }
}

/** The error in a response. A body that is no XML, as of a proxy, counts as none. */
export async function errorOf(
  status: number,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<StorageError> {
  const parsed = await parseXmlErrorBody(body, utf8).catch(() => ({}) as Record<string, unknown>);
  const name = loadRestXmlErrorCode({ statusCode: status } as never, parsed) ?? 'Unknown';
  const message = (parsed as { Message?: string }).Message ?? 'UnknownError';
  const requestId = text(headers['x-amz-request-id']) ?? (parsed as { RequestId?: string }).RequestId;
  const extendedRequestId = text(headers['x-amz-id-2']);
  return new StorageError(name, message, { httpStatusCode: status, requestId, extendedRequestId }, headers);
}

/** What the SDK's readers of XML need of a client. */
export const utf8 = { utf8Encoder: (bytes: Uint8Array) => Buffer.from(bytes).toString() } as never;

function text(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
