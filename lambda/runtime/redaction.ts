const secretName = /authorization|password|passwd|secret|token|cookie|signature|credential|api[-_]?key/i;
const harmlessName = /^(?:secretArn|.*_SECRET_ARN)$/;
const apiKey = /sluice_[A-Za-z0-9_-]{20,}/g;
const bearer = /(bearer\s+)[^\s"']+/gi;
// The signature is in the query; the path alone gives no access.
const signedQuery = /(https?:\/\/[^\s"'?]+)\?[^\s"']*(?:X-Amz-|Signature=|AWSAccessKeyId=)[^\s"']*/gi;
const connectionPassword = /(postgres(?:ql)?:\/\/[^:@\s/]+):[^@\s/]+@/gi;

/** Redacts a property for the log: all of it if its name is a secret's; keys, tokens and signed queries in any text. */
export function redact(name: string, value: unknown): unknown {
  if (secretName.test(name) && !harmlessName.test(name) && value !== undefined && value !== null)
    return '[redacted]';
  if (typeof value !== 'string') return value;
  return value
    .replace(apiKey, 'sluice_[redacted]')
    .replace(bearer, '$1[redacted]')
    .replace(signedQuery, '$1?[redacted]')
    .replace(connectionPassword, '$1:[redacted]@');
}
