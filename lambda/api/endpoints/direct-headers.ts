import { mistakesIn } from '../../runtime/mistakes.ts';
import { invalid } from '../http/problem.ts';
import { type ApiRequest, headerOf } from '../http/request.ts';
import { requestHeaders } from '../schemas/requests.ts';

/* Fields of a direct upload: in headers, because proxies log queries. */
const metadataHeader = 'X-Sluice-Metadata';
const nameHeader = 'X-Sluice-Replaces';

/** Metadata of a direct upload. @throws Problem `invalid_request`. */
export function directMetadata(request: ApiRequest): Record<string, string> {
  const text = headerOf(request, metadataHeader);
  if (text === undefined) return {};
  const parsed = requestHeaders[metadataHeader].safeParse(readObject(text));
  if (parsed.success) return parsed.data;
  throw invalid(mistakesIn(parsed.error, [metadataHeader]));
}

/** What a direct upload stands for. @throws Problem `invalid_request`. */
export function directName(request: ApiRequest): string | undefined {
  const text = headerOf(request, nameHeader);
  if (text === undefined) return undefined;
  const parsed = requestHeaders[nameHeader].safeParse(text);
  if (parsed.success) return parsed.data;
  throw invalid(mistakesIn(parsed.error, [nameHeader]));
}

/** Refuses the headers in the JSON form, whose body contains these fields. @throws Problem */
export function refuseDirectHeaders(request: ApiRequest): void {
  for (const [header, field] of [
    [metadataHeader, 'metadata'],
    [nameHeader, 'replaces'],
  ] as const)
    if (headerOf(request, header) !== undefined)
      throw invalid([{ path: header, detail: `is only for an image body; JSON contains ${field}` }]);
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
