import { isPublicAddress, literalAddress } from './public-address.ts';

/** Longest URL of an endpoint, in characters. */
export const longestUrl = 2_048;

/** How a URL begins that `webhookUrlMistake` accepts, without flags, as JSON Schema has none. */
export const httpsPattern = /^[Hh][Tt][Tt][Pp][Ss]:\/\/[^#\s]+$/;

/** Names that resolvers answer themselves, or that exist within a network only (RFC 6761, RFC 8375, RFC 6762). */
const privateNames = /(^|\.)(localhost|localdomain|local|internal|home\.arpa|onion|test|invalid)$/;

/**
 * Why an endpoint may not have this URL; undefined if it may. Names are checked here by their form only, and by what they
 * resolve to at every connect: an answer of the DNS can change after the registration.
 * @param allowPrivate also allows names and addresses of private networks, for tests and the local runner.
 */
export function webhookUrlMistake(text: string, { allowPrivate = false } = {}): string | undefined {
  if (text.length > longestUrl) return `is longer than ${longestUrl} characters`;
  const url = URL.parse(text);
  if (url === null) return 'is not a URL';
  if (url.protocol !== 'https:') return 'must begin with https://';
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password';
  if (text.includes('#')) return 'must not have a fragment (#…)';
  // The parser repairs these.
  if (!httpsPattern.test(text)) return 'must begin with https:// and have no spaces';
  if (allowPrivate) return undefined;
  // A trailing dot only ends the name.
  const host = url.hostname.replace(/\.$/, '');
  const address = literalAddress(host);
  if (address !== undefined && !isPublicAddress(address))
    return 'names an address that is not on the public Internet';
  if (address === undefined && (privateNames.test(host) || !host.includes('.')))
    return 'names a host that is not on the public Internet';
  // Mail, databases and the like below 1024 do not speak HTTPS.
  const port = Number(url.port || 443);
  return port === 443 || port >= 1_024 ? undefined : 'must use port 443 or one from 1024 on';
}
