import { invalid } from './problem.ts';
import type { ApiRequest } from './request.ts';
import { metadata } from './requests.ts';
import { mistakesIn } from './validation.ts';

export const metadataHeader = 'X-Sluice-Metadata';

/**
 * The metadata of an image that is itself the body: the JSON object that a ticket has under `metadata`, in a header. Not
 * in the query, which ends up in logs of proxies and takes brackets or dots to say as much.
 * @throws Problem `invalid_request`.
 */
export function directMetadata(request: ApiRequest): Record<string, string> {
  const text = request.headers.get(metadataHeader.toLowerCase());
  if (text === undefined) return {};
  const parsed = metadata.safeParse(readObject(text));
  if (parsed.success) return parsed.data;
  throw invalid(mistakesIn(parsed.error, [metadataHeader]));
}

/** The other form has its metadata inside; a header beside it would be dropped without a word. @throws Problem */
export function refuseMetadataHeader(request: ApiRequest): void {
  if (request.headers.has(metadataHeader.toLowerCase()))
    throw invalid([
      { path: metadataHeader, detail: 'belongs to an image as the body; JSON has metadata inside' },
    ]);
}

function readObject(text: string): unknown {
  // A header has no encoding that everybody agrees on: what is not ASCII would come as something else.
  if (!/^[\x20-\x7e]*$/.test(text))
    throw invalid([{ path: metadataHeader, detail: 'is not ASCII; write other characters as \\uXXXX' }]);
  try {
    return JSON.parse(text);
  } catch {
    throw invalid([{ path: metadataHeader, detail: 'is not well-formed JSON' }]);
  }
}
