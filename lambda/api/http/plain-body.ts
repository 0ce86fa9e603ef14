import { Problem } from './problem.ts';
import type { ApiRequest } from './request.ts';

/** A compressed body would be an image of unknown type, or malformed JSON. @throws Problem `unsupported_encoding` */
export function requirePlainBody({ headers }: ApiRequest): void {
  const encoding = headers.get('content-encoding')?.trim().toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'identity')
    throw new Problem('unsupported_encoding', 'Send the body without a Content-Encoding.', {
      headers: { 'Accept-Encoding': 'identity' },
    });
}
