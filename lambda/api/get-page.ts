import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { ApiParts, Call, Endpoint } from './endpoint.ts';
import { conditional } from './etag.ts';
import { Problem } from './problem.ts';
import type { ApiResponse } from './response.ts';

/** What a static page is made of. Text goes out as text, the rest as binary. */
const types: Record<string, { type: string; text: boolean }> = {
  '.html': { type: 'text/html; charset=utf-8', text: true },
  '.css': { type: 'text/css; charset=utf-8', text: true },
  '.js': { type: 'text/javascript; charset=utf-8', text: true },
  '.mjs': { type: 'text/javascript; charset=utf-8', text: true },
  '.svg': { type: 'image/svg+xml', text: true },
  '.json': { type: 'application/json', text: true },
  '.webmanifest': { type: 'application/manifest+json', text: true },
  '.png': { type: 'image/png', text: false },
  '.jpg': { type: 'image/jpeg', text: false },
  '.webp': { type: 'image/webp', text: false },
  '.ico': { type: 'image/x-icon', text: false },
  '.woff2': { type: 'font/woff2', text: false },
};

/** `GET /`: the page. */
export const getPage: Endpoint<'page'> = (call) => serve(call, 'index.html');

/** `GET /console/…`: what the page loads. */
export const getPageFile: Endpoint<'pageFile'> = (call) => serve(call, call.request.params.proxy ?? '');

async function serve({ request, parts }: Call, path: string): Promise<ApiResponse> {
  const kind = types[extname(path)];
  // Plain names only: no `..`, no hidden files, no percent signs, nothing to decode twice.
  if (kind === undefined || !/^(?:\w[\w.-]*\/)*\w[\w.-]*$/.test(path)) throw noSuchFile();
  const bytes = await readFile(join(parts.consoleRoot, path)).catch((error: unknown) => {
    throw noSuchFile(error);
  });
  return conditional(request, {
    status: 200,
    headers: {
      'Content-Type': kind.type,
      'Content-Security-Policy': await contentSecurityPolicy(parts),
      'Referrer-Policy': 'no-referrer',
    },
    body: kind.text ? bytes.toString('utf8') : bytes,
  });
}

/** The page loads its own files, speaks to this API, and reads from and uploads to the bucket. Nothing else. */
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
