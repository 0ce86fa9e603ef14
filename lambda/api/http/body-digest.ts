import { createHash } from 'node:crypto';
import { base64Pattern, digestBytes } from '../schemas/requests.ts';
import { invalid, Problem } from './problem.ts';
import { type ApiRequest, headerOf } from './request.ts';

type Hash = keyof typeof digestBytes;

/** Checks `Content-MD5` and known members of `Content-Digest`. @throws Problem `digest_mismatch`, `invalid_request`. */
export function checkDigests(request: ApiRequest): void {
  // API Gateway renames this header.
  const md5 = headerOf(request, 'Content-MD5') ?? request.headers.get('x-amzn-remapped-content-md5');
  if (md5 !== undefined) check('Content-MD5', md5.trim(), 'md5', request);
  for (const member of headerOf(request, 'Content-Digest')?.split(',') ?? []) {
    // A dictionary of byte sequences (RFC 9651): name=:base64:, with parameters that are not defined yet.
    const [, name, value = ''] =
      /^\s*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):\s*(?:;.*)?$/.exec(member) ?? [];
    if (name === undefined)
      throw invalid([{ path: 'Content-Digest', detail: 'is not a list of name=:base64:' }]);
    // Other algorithms may be named and are not checked.
    if (name === 'sha-256' || name === 'sha-512')
      check('Content-Digest', value, name === 'sha-256' ? 'sha256' : 'sha512', request);
  }
}

function check(header: string, value: string, hash: Hash, { body }: ApiRequest): void {
  const bytes = digestBytes[hash];
  if (!new RegExp(`^${base64Pattern(bytes)}$`).test(value))
    throw invalid([{ path: header, detail: `is not ${bytes} bytes in base64` }]);
  if (createHash(hash).update(body).digest('base64') !== value)
    throw new Problem('digest_mismatch', `The body does not match its ${header}. Send it again.`);
}
