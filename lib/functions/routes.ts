import { acceptedContentTypes } from '../../lambda/domain/image.ts';

/** What API Gateway lets through to the function; every other path is answered by the gateway itself. */
export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** As API Gateway writes it: `{id}` is one part of a path, `{proxy+}` is the rest. */
  path: string;
}

export const routes: readonly Route[] = [
  { method: 'GET', path: '/' },
  { method: 'GET', path: '/console/{proxy+}' },
  { method: 'GET', path: '/health' },
  { method: 'GET', path: '/v1/images' },
  { method: 'POST', path: '/v1/images' },
  { method: 'GET', path: '/v1/images/{id}' },
  { method: 'DELETE', path: '/v1/images/{id}' },
  { method: 'GET', path: '/v1/presets' },
];

/** Bodies of these types reach the function as base64; of any other type as text. */
export const binaryMediaTypes: readonly string[] = acceptedContentTypes;
