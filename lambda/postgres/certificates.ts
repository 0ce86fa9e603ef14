import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';

/** The Lambda runtime carries the roots of RDS here; since Node 20 it no longer loads them by itself. */
const lambdaBundle = '/var/runtime/ca-cert.pem';

let roots: string[] | undefined;

/**
 * The certificate authorities that a database's certificate is checked against: Node's own, those of
 * NODE_EXTRA_CA_CERTS (for an authority of one's own), and RDS's where Lambda provides them. Read once.
 */
export function certificateAuthorities(): string[] {
  roots ??= [...getCACertificates('default'), ...bundled(lambdaBundle)];
  return roots;
}

function bundled(path: string): string[] {
  try {
    return [readFileSync(path, 'utf8')];
  } catch {
    return []; // Not on Lambda.
  }
}
