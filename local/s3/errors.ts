import type { ServerResponse } from 'node:http';
import { declaration, element } from './xml.ts';

/** An error response with the status, code and message that S3 uses. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly status: number;
  readonly code: string;
  /** Further elements of the XML, such as MaxSizeAllowed. */
  readonly details: Record<string, string | number>;
  /** Headers of the response. */
  readonly headers: Record<string, string>;
  constructor(
    status: number,
    code: string,
    message: string,
    details: Record<string, string | number> = {},
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
    this.headers = headers;
  }
}

function errorXml(error: S3Error, resource: string, requestId: string): string {
  return `${declaration}${element('Error', {
    Code: error.code,
    Message: error.message,
    ...error.details,
    Resource: resource,
    RequestId: requestId,
    HostId: hostId(requestId),
  })}`;
}

export function hostId(requestId: string): string {
  return Buffer.from(`sluice local ${requestId}`).toString('base64');
}

/** Sends an error; for HEAD Node.js omits the document. */
export function sendError(
  response: ServerResponse,
  error: S3Error,
  resource: string,
  requestId: string,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(error.status, { ...error.headers, 'content-type': 'application/xml' });
  response.end(errorXml(error, resource, requestId));
}

export const accessDenied = (message = 'Access Denied', details: Record<string, string> = {}) =>
  new S3Error(403, 'AccessDenied', message, details);
export const invalidArgument = (message: string, name?: string, value?: string) =>
  new S3Error(400, 'InvalidArgument', message, {
    ...(name === undefined ? {} : { ArgumentName: name }),
    ...(value === undefined ? {} : { ArgumentValue: value }),
  });
export const preconditionFailed = (condition: string) =>
  new S3Error(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    Condition: condition,
  });
export const notImplemented = (details: Record<string, string> = {}) =>
  new S3Error(
    501,
    'NotImplemented',
    'A header you provided implies functionality that is not implemented',
    details,
  );
export const malformedXml = () =>
  new S3Error(
    400,
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
export const noSuchKey = (key: string, headers: Record<string, string> = {}) =>
  new S3Error(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key }, headers);
