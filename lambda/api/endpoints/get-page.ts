import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { ApiParts, Call, Endpoint } from '../http/endpoint.ts';
import { conditional } from '../http/etag.ts';
import { Problem } from '../http/problem.ts';
import type { ApiResponse } from '../http/response.ts';

/** Content types of the page's files by extension. */
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
/** These are sent as text, all others as binary. */
const isText = (type: string) => /^text|json$|xml$/.test(type);

/** `GET /`: the page. */
export const getPage: Endpoint<'page'> = (call) => serve(call, 'index.html');

/** `GET /console/…`: what the page loads. */
export const getPageFile: Endpoint<'pageFile'> = (call) => serve(call, call.request.params.proxy ?? '');

async function serve({ request, parts }: Call, path: string): Promise<ApiResponse> {
  const type = types[extname(path)];
  // Plain names only: no `..`, hidden files or percent signs.
  if (type === undefined || !/^(?:\w[\w.-]*\/)*\w[\w.-]*$/.test(path)) throw noSuchFile();
  const bytes = await readFile(join(parts.consoleRoot, path)).catch((error: unknown) => {
    throw noSuchFile(error);
  });
  return conditional(request, {
    status: 200,
    headers: {
      'Content-Type': type,
      'Content-Security-Policy': await contentSecurityPolicy(parts),
      'Referrer-Policy': 'no-referrer',
    },
    body: isText(type) ? bytes.toString('utf8') : bytes,
  });
}

/** The page may only load its own files and variants, and call this API and the bucket. */
async function contentSecurityPolicy({
  delivery,
  uploadForms,
}: Pick<ApiParts, 'delivery' | 'uploadForms'>): Promise<string> {
  const [variants, uploads] = await Promise.all([delivery.origin(), uploadForms.origin()]);
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    `img-src 'self' blob: data: ${variants}`,
    `connect-src 'self' ${uploads}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function noSuchFile(cause?: unknown): Problem {
  return new Problem('not_found', 'There is no such file.', { cause });
}
