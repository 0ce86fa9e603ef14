import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { taskRoot } from '../../runtime/settings.ts';

/** RDS roots, three per commercial region, which the build adds to the function. */
const bundle = 'rds-global-bundle.pem';

/** Roots in the Lambda runtime, including GovCloud; Node does not load them by default. */
const lambdaBundle = '/var/runtime/ca-cert.pem';

const contexts = new Map<string, SecureContext>();

/** Trusted roots, cached per host: 0.4 ms for one region, 15 ms for all, which node-postgres would spend each time. */
export function databaseTls(host: string): SecureContext {
  const context = contexts.get(host) ?? createSecureContext(trusted(host));
  contexts.set(host, context);
  return context;
}

/**
 * Trusted authorities of a host, for Node's TLS:
 * - RDS or Aurora: the roots of its region, no public authority;
 * - RDS Proxy, with certificates of a public authority (Amazon's): Node's own;
 * - any other host: all of these.
 * NODE_EXTRA_CA_CERTS is always added, for a private authority.
 */
function trusted(host: string): { ca?: string[] } {
  const [, proxy, region] = /(\.proxy-[^.]+)?\.([^.]+)\.rds\.amazonaws\.com$/.exec(host) ?? [];
  if (proxy !== undefined) return {};
  const all = read(join(taskRoot(), bundle));
  const roots = region === undefined ? [] : rootsOf(region, all);
  if (roots.length > 0) return { ca: [...roots, ...getCACertificates('extra')] };
  return { ca: [...getCACertificates('default'), all, read(lambdaBundle)].filter((pem) => pem !== '') };
}

/** The region's certificates, matched by the bytes of their names: parsing all takes 30 times as long. */
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
