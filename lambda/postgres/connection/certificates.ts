import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { taskRoot } from '../../runtime/settings.ts';

/** The roots of RDS, three for each commercial region, which the build lays beside the function. */
const bundle = 'rds-global-bundle.pem';

/** The Lambda runtime has roots of RDS here too, those of GovCloud among them; Node does not load them by itself. */
const lambdaBundle = '/var/runtime/ca-cert.pem';

const contexts = new Map<string, SecureContext>();

/**
 * What the certificate of a database is checked against, made once for each host: 0.4 ms with the three roots of a
 * region, 15 ms with all that there are, and node-postgres would make it anew with each connection.
 */
export function databaseTls(host: string): SecureContext {
  const context = contexts.get(host) ?? createSecureContext(trusted(host));
  contexts.set(host, context);
  return context;
}

/**
 * Who may vouch for a host, as Node's TLS takes it:
 * - a server of RDS or Aurora: the roots of its region, and no public authority;
 * - RDS Proxy, which has certificates of a public authority (Amazon's): Node's own;
 * - any other host: all of these.
 * Each together with NODE_EXTRA_CA_CERTS, for an authority of one's own.
 */
function trusted(host: string): { ca?: string[] } {
  const [, proxy, region] = /(\.proxy-[^.]+)?\.([^.]+)\.rds\.amazonaws\.com$/.exec(host) ?? [];
  if (proxy !== undefined) return {};
  const all = read(join(taskRoot(), bundle));
  const roots = region === undefined ? [] : rootsOf(region, all);
  if (roots.length > 0) return { ca: [...roots, ...getCACertificates('extra')] };
  return { ca: [...getCACertificates('default'), all, read(lambdaBundle)].filter((pem) => pem !== '') };
}

/** The certificates that name the region, found by the bytes of their name: to parse all takes 30 times as long. */
function rootsOf(region: string, pem: string): string[] {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return certificates.filter((one) =>
    Buffer.from(one.split('\n').slice(1, -1).join(''), 'base64').includes(`Amazon RDS ${region} Root CA`),
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
