import type { ProblemCode } from '../domain/problems.ts';
import type { RouteName } from '../domain/routes.ts';

/** A parameter of an operation by its name; `parameters.ts` says what each is. */
export type ParameterName =
  | 'id'
  | 'proxy'
  | 'status'
  | 'limit'
  | 'cursor'
  | 'include'
  | 'presets'
  | 'Idempotency-Key'
  | 'If-None-Match'
  | 'Content-MD5'
  | 'Content-Digest'
  | 'X-Sluice-Metadata';

interface Answer {
  description: string;
  schema?: string;
  type?: string;
  headers?: readonly string[];
}

/** What the OpenAPI document says of a route beyond its schemas. */
export interface Operation {
  summary: string;
  description?: string;
  parameters?: readonly ParameterName[];
  takesImage?: boolean;
  answers: Record<number, Answer>;
  problems: readonly ProblemCode[];
}

const everywhere = ['method_not_allowed', 'throttled', 'internal', 'unavailable'] as const;
const withKey = ['unauthenticated', 'database_unavailable', 'database_slow', ...everywhere] as const;

export const operations: Record<RouteName, Operation> = {
  createImage: {
    summary: 'Ask for an upload ticket (JSON), or send an image as the body',
    description:
      'With JSON the answer is a ticket: a presigned POST to send the file to. With an image as the body, up to the size that ' +
      'GET /v1/presets names, the upload is done; `presets` and X-Sluice-Metadata belong to this form, JSON has both inside.\n\n' +
      'A request with an Idempotency-Key may be repeated. A repeated direct upload has the same answer. A repeated request for ' +
      'a ticket has the same image and the same `expiresAt` with a form that is signed again; 200 with the status of the image ' +
      'where the file has come already; 410 where the ticket is over or the image deleted.',
    parameters: ['presets', 'Idempotency-Key', 'X-Sluice-Metadata', 'Content-Digest', 'Content-MD5'],
    takesImage: true,
    answers: {
      200: {
        description: 'To a repeated request for a ticket: the file has come already',
        schema: 'Uploaded',
        headers: ['Location', 'Idempotency-Replayed'],
      },
      201: {
        description: 'A ticket to upload with',
        schema: 'Ticket',
        headers: ['Location', 'Retry-After', 'Idempotency-Replayed'],
      },
      202: {
        description: 'The image is queued',
        schema: 'Direct',
        headers: ['Location', 'Retry-After', 'Idempotency-Replayed'],
      },
    },
    problems: [
      'malformed_json',
      'invalid_request',
      'invalid_idempotency_key',
      'empty_body',
      'digest_mismatch',
      'request_in_progress',
      'ticket_expired',
      'image_deleted',
      'too_large',
      'unsupported_type',
      'unsupported_encoding',
      'idempotency_key_reused',
      'overloaded',
      'storage_unavailable',
      ...withKey,
    ],
  },
  listImages: {
    summary: 'Your images, newest first',
    description:
      'A page may have fewer images than `limit`; whether there is another one says `nextCursor` alone.',
    parameters: ['status', 'limit', 'cursor', 'include'],
    answers: { 200: { description: 'A page', schema: 'ImageList' } },
    problems: ['invalid_request', 'storage_unavailable', ...withKey],
  },
  getImage: {
    summary: 'One image with its variants',
    description:
      'Retry-After says when to look again while the image is not at its end: a second or two at first, and longer where ' +
      'many wait, so that all who wait can ask.',
    parameters: ['id', 'If-None-Match'],
    answers: {
      200: { description: 'The image', schema: 'Image', headers: ['ETag', 'Retry-After'] },
      304: { description: 'Nothing has changed', headers: ['ETag', 'Retry-After'] },
    },
    problems: ['invalid_request', 'not_found', 'storage_unavailable', ...withKey],
  },
  deleteImage: {
    summary: 'Delete original, variants and record',
    description:
      'The image is gone at once for everybody who asks; its files follow within minutes. A URL of a variant that was given ' +
      'before works until the file is gone.',
    parameters: ['id'],
    answers: { 202: { description: 'It is gone, and its files follow', schema: 'Deleted' } },
    problems: ['invalid_request', 'not_found', ...withKey],
  },
  listPresets: {
    summary: 'What is configured, and what an upload is held to',
    answers: { 200: { description: 'The presets', schema: 'Presets' } },
    problems: ['invalid_request', ...withKey],
  },
  health: {
    summary: 'The API is alive; says nothing of the database',
    answers: { 200: { description: 'Alive', schema: 'Health' } },
    problems: everywhere,
  },
  page: {
    summary: 'The web page',
    parameters: ['If-None-Match'],
    answers: {
      200: { description: 'HTML', type: 'text/html', headers: ['ETag'] },
      304: { description: 'Nothing has changed', headers: ['ETag'] },
    },
    problems: ['not_found', 'storage_unavailable', ...everywhere],
  },
  pageFile: {
    summary: 'A file of the web page',
    parameters: ['proxy', 'If-None-Match'],
    answers: {
      200: { description: 'The file', type: '*/*', headers: ['ETag'] },
      304: { description: 'Nothing has changed', headers: ['ETag'] },
    },
    problems: ['not_found', 'storage_unavailable', ...everywhere],
  },
};
