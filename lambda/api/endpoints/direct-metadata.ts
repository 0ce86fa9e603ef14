import { invalid } from '../http/problem.ts';
import { type ApiRequest, headerOf } from '../http/request.ts';
import { mistakesIn } from '../http/validation.ts';
import { requestHeaders } from '../schemas/requests.ts';

const metadataHeader = 'X-Sluice-Metadata';

/** Metadata of a direct upload: in a header, because proxies log queries. @throws Problem `invalid_request`. */
export function directMetadata(request: ApiRequest): Record<string, string> {
  const text = headerOf(request, metadataHeader);
  if (text === undefined) return {};
  const parsed = requestHeaders[metadataHeader].safeParse(readObject(text));
  if (parsed.success) return parsed.data;
  throw invalid(mistakesIn(parsed.error, [metadataHeader]));
}

/** Refuses the header in the JSON form, whose body contains the metadata. @throws Problem */
export function refuseMetadataHeader(request: ApiRequest): void {
  if (headerOf(request, metadataHeader) !== undefined)
    throw invalid([{ path: metadataHeader, detail: 'is only for an image body; JSON contains metadata' }]);
}

function readObject(text: string): unknown {
  // Headers have no agreed encoding beyond ASCII.
  if (!/^[\x20-\x7e]*$/.test(text))
    throw invalid([{ path: metadataHeader, detail: 'is not ASCII; write other characters as \\uXXXX' }]);
  try {
    return JSON.parse(text);
  } catch {
    throw invalid([{ path: metadataHeader, detail: 'is not well-formed JSON' }]);
  }
}
