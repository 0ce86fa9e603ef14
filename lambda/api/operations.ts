import type { ProblemCode } from './problem.ts';

/** What the OpenAPI document says of an endpoint beyond its schemas. */
export interface Operation {
  id: string;
  summary: string;
  /** Needs no API key. */
  open?: boolean;
  query?: 'list' | 'presets';
  headers?: readonly string[];
  takesImage?: boolean;
  answers: Record<
    number,
    { description: string; schema?: string; type?: string; headers?: readonly string[] }
  >;
  problems: readonly ProblemCode[];
}

const everywhere = ['throttled', 'internal'] as const;
const withKey = ['unauthenticated', 'database_away', ...everywhere] as const;

/** By `METHOD path`, as the router knows them. */
export const operations: Record<string, Operation> = {
  'POST /v1/images': {
    id: 'createImage',
    summary: 'Ask for an upload ticket (JSON), or send an image as the body',
    query: 'presets',
    headers: ['Idempotency-Key'],
    takesImage: true,
    answers: {
      201: { description: 'A ticket to upload with', schema: 'Ticket', headers: ['Location'] },
      202: { description: 'The image is queued', schema: 'Direct', headers: ['Location'] },
    },
    problems: [
      'malformed_json',
      'invalid_request',
      'invalid_idempotency_key',
      'empty_body',
      'request_in_progress',
      'too_large',
      'unsupported_type',
      'idempotency_key_reused',
      'overloaded',
      'storage_away',
      ...withKey,
    ],
  },
  'GET /v1/images': {
    id: 'listImages',
    summary: 'Your images, newest first',
    query: 'list',
    answers: { 200: { description: 'A page', schema: 'ImageList' } },
    problems: ['invalid_request', ...withKey],
  },
  'GET /v1/images/{id}': {
    id: 'getImage',
    summary: 'One image with its variants',
    headers: ['If-None-Match'],
    answers: {
      200: {
        description: 'The image; Retry-After says when to look again while it is not at its end',
        schema: 'Image',
        headers: ['ETag', 'Retry-After'],
      },
      304: { description: 'Nothing has changed', headers: ['ETag', 'Retry-After'] },
    },
    problems: ['invalid_request', 'not_found', ...withKey],
  },
  'DELETE /v1/images/{id}': {
    id: 'deleteImage',
    summary: 'Delete original, variants and record',
    answers: { 202: { description: 'It is gone, and its files follow', schema: 'Deleted' } },
    problems: ['not_found', ...withKey],
  },
  'GET /v1/presets': {
    id: 'listPresets',
    summary: 'What is configured, and what an upload is held to',
    answers: { 200: { description: 'The presets', schema: 'Presets' } },
    problems: withKey,
  },
  'GET /health': {
    id: 'health',
    summary: 'The API is alive; says nothing of the database',
    open: true,
    answers: { 200: { description: 'Alive', schema: 'Health' } },
    problems: everywhere,
  },
  'GET /': {
    id: 'page',
    summary: 'The web page',
    open: true,
    answers: { 200: { description: 'HTML', type: 'text/html' } },
    problems: ['not_found', ...everywhere],
  },
  'GET /console/{proxy+}': {
    id: 'pageFile',
    summary: 'A file of the web page',
    open: true,
    answers: { 200: { description: 'The file', type: '*/*' } },
    problems: ['not_found', ...everywhere],
  },
};
