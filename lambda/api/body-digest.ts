import { createHash } from 'node:crypto';
import { invalid, Problem } from './problem.ts';
import type { ApiRequest } from './request.ts';

/** Algorithms of Content-Digest (RFC 9530) that are checked; others may be named beside them and are not. */
const algorithms: Record<string, { hash: string; bytes: number }> = {
  'sha-256': { hash: 'sha256', bytes: 32 },
  'sha-512': { hash: 'sha512', bytes: 64 },
};
const md5 = { hash: 'md5', bytes: 16 };

/** Checks `Content-MD5` and known members of `Content-Digest`. @throws Problem `digest_mismatch`, `invalid_request`. */
export function checkDigests(request: ApiRequest): void {
  // API Gateway passes this one on under another name.
  const named = request.headers.get('content-md5') ?? request.headers.get('x-amzn-remapped-content-md5');
  if (named !== undefined) check('Content-MD5', named.trim(), md5, request);
  for (const { algorithm, value } of members(request.headers.get('content-digest')))
    check('Content-Digest', value, algorithm, request);
}

function members(header: string | undefined) {
  if (header === undefined) return [];
  return header.split(',').flatMap((member) => {
    // A dictionary of byte sequences (RFC 9651): name=:base64:, with parameters that nobody has defined.
    const parts = /^\s*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):\s*(?:;.*)?$/.exec(member);
    if (parts === null) throw invalid([{ path: 'Content-Digest', detail: 'is no list of name=:base64:' }]);
    const [, name = '', value = ''] = parts;
    const algorithm = algorithms[name];
    return algorithm === undefined ? [] : [{ algorithm, value }];
  });
}

function check(
  header: string,
  value: string,
  { hash, bytes }: { hash: string; bytes: number },
  { body }: ApiRequest,
) {
  const wanted = Buffer.from(value, 'base64');
  if (wanted.length !== bytes || wanted.toString('base64') !== value)
    throw invalid([{ path: header, detail: `is not ${bytes} bytes in base64` }]);
  if (!createHash(hash).update(body).digest().equals(wanted))
    throw new Problem('digest_mismatch', `The body is not the one that ${header} names. Send it again.`);
}
