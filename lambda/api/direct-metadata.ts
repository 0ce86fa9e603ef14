import { invalid } from './problem.ts';
import { type ApiRequest, headerOf } from './request.ts';
import { requestHeaders } from './requests.ts';
import { mistakesIn } from './validation.ts';

const metadataHeader = 'X-Sluice-Metadata';

/**
 * Metadata of a direct upload: JSON in a header, because queries end up in proxy logs and cannot nest plainly.
 * @throws Problem `invalid_request`.
 */
export function directMetadata(request: ApiRequest): Record<string, string> {
  const text = headerOf(request, metadataHeader);
  if (text === undefined) return {};
  const parsed = requestHeaders[metadataHeader].safeParse(readObject(text));
  if (parsed.success) return parsed.data;
  throw invalid(mistakesIn(parsed.error, [metadataHeader]));
}

/** The other form has its metadata inside; a header beside it would be dropped without a word. @throws Problem */
export function refuseMetadataHeader(request: ApiRequest): void {
  if (headerOf(request, metadataHeader) !== undefined)
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
