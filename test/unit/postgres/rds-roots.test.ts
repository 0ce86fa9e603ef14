import { X509Certificate } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, getCACertificates, setDefaultCACertificates, connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { databaseTls } from '../../../lambda/postgres/connection/certificates.ts';
import { connect } from '../../../lambda/postgres/connection/connection.ts';
import { BuildFailed } from '../../../lib/bundling/build-failed.ts';
import { rdsRoots } from '../../../lib/bundling/rds-roots.ts';
import { makeAuthority, makeCertificate } from '../../support/certificate.ts';
import { behindTls } from './behind-tls.ts';
import { openTestDb, type TestDb } from './rows.ts';

const projectRoot = join(import.meta.dirname, '../../..');
const file = 'rds-global-bundle.pem';
const shipped = readFileSync(join(projectRoot, 'lambda/postgres', file), 'utf8');

/** As in the table "Regions" of the RDS user guide; those that are no commercial ones have files of their own. */
const regions =
  'af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ' +
  'ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 ' +
  'eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 ' +
  'me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2';

describe('the bundled RDS roots', () => {
  const certificates = (
    shipped.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  ).map((pem) => new X509Certificate(pem));

  it('the bundled RDS roots are three for each commercial region, each self-signed', () => {
    const found = certificates.map(
      ({ subject }) => /^CN=Amazon RDS (\S+) Root CA (\S+) G1$/m.exec(subject)?.slice(1).join(' ') ?? subject,
    );
    const wanted = regions
      .split(' ')
      .flatMap((one) => ['RSA2048', 'RSA4096', 'ECC384'].map((key) => `${one} ${key}`));
    // Six more are those of AWS's own tests, "Beta us-east-1" and "Preview us-east-2".
    expect(found.filter((one) => !one.includes('Amazon RDS')).sort()).toEqual(wanted.sort());
    expect(found.filter((one) => one.includes('Amazon RDS'))).toHaveLength(6);
    for (const one of certificates)
      expect(one.ca && one.checkIssued(one) && one.verify(one.publicKey)).toBe(true);
  });

  it('the bundled RDS roots are valid for two more years', () => {
    const soon = Date.now() + 2 * 365 * 86_400_000;
    expect(
      certificates.filter(({ validTo }) => Date.parse(validTo) < soon).map(({ subject }) => subject),
    ).toEqual([]);
  });

  it('the RDS roots are in each function that uses Postgres, and in no other', () => {
    expect(rdsRoots(projectRoot).map(({ path }) => path)).toEqual(
      [
        ...['api', 'export', 'exportjob', 'process', 'sweep', 'relay', 'dispatch', 'analytics', 'audit'],
        ...['migrate', 'operate'],
      ].map((name) => `${name}/${file}`),
    );
  });

  it('RDS roots that differ from the reviewed ones are refused', () => {
    const root = mkdtempSync(join(tmpdir(), 'sluice-roots-'));
    cpSync(join(projectRoot, 'lambda/postgres', file), join(root, 'lambda/postgres', file), {
      recursive: true,
    });
    expect(rdsRoots(root)).toHaveLength(11);
    writeFileSync(join(root, 'lambda/postgres', file), shipped + makeAuthority().cert);
    expect(() => rdsRoots(root)).toThrow(BuildFailed);
    rmSync(root, { recursive: true });
  });
});

describe('trusted authorities of a database', () => {
  const region = makeAuthority('Amazon RDS xx-test-1 Root CA ECC384 G1');
  const neighbour = makeAuthority('Amazon RDS xx-test-2 Root CA ECC384 G1');
  const everywhere = makeAuthority('A public authority');
  const root = mkdtempSync(join(tmpdir(), 'sluice-roots-'));
  const server = 'sluice.abc.xx-test-1.rds.amazonaws.com';
  const cluster = 'sluice.cluster-abc.xx-test-1.rds.amazonaws.com';
  const proxy = 'sluice.proxy-abc.xx-test-1.rds.amazonaws.com';
  let db: TestDb;
  const open: Server[] = [];
  beforeAll(async () => {
    writeFileSync(join(root, file), shipped + region.cert + neighbour.cert);
    vi.stubEnv('LAMBDA_TASK_ROOT', root);
    setDefaultCACertificates([...getCACertificates('bundled'), everywhere.cert]);
    db = await openTestDb();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    for (const one of open) one.close();
    await db.close();
    rmSync(root, { recursive: true });
  });

  /** `trusted`, or the code with which TLS ends. */
  async function handshake(host: string, by: typeof region): Promise<string> {
    const listener = createServer(makeCertificate([host], by), (socket) => socket.end());
    listener.on('tlsClientError', () => {});
    open.push(listener);
    await new Promise<void>((resolve) => listener.listen(0, resolve));
    const { port } = listener.address() as AddressInfo;
    const socket = tlsConnect({ port, servername: host, secureContext: databaseTls(host) });
    return new Promise((resolve) => {
      socket.once('secureConnect', () => {
        socket.destroy();
        resolve('trusted');
      });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  }
  /** The second where the listener itself knows the authority, and sends it along. */
  const stranger = /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN)$/;

  it.each([
    ['a server of RDS', server],
    ['a cluster of Aurora', cluster],
  ])('%s: the roots of its region, no others, and no public authority', async (_, host) => {
    expect(await handshake(host, region)).toBe('trusted');
    expect(await handshake(host, neighbour)).toMatch(stranger);
    expect(await handshake(host, everywhere)).toMatch(stranger);
  });

  it('RDS Proxy: a public authority, and no root of RDS', async () => {
    expect(await handshake(proxy, everywhere)).toBe('trusted');
    expect(await handshake(proxy, region)).toMatch(stranger);
  });

  it('a server in a region without known roots: all roots', async () => {
    const unknown = 'sluice.abc.xx-gov-1.rds.amazonaws.com';
    expect(await handshake(unknown, region)).toBe('trusted');
    expect(await handshake(unknown, everywhere)).toBe('trusted');
    expect(await handshake(unknown, makeAuthority('Nobody'))).toMatch(stranger);
  });

  it('the driver uses the trusted roots: a Postgres whose root is only in the file of the function is accepted', async () => {
    const wrapped = await behindTls(db.address, makeCertificate(['localhost'], region));
    open.push(wrapped.server);
    const { environment, ...options } = db.options();
    const connection = await connect({
      ...options,
      environment: {
        ...environment,
        DATABASE_HOST: 'localhost',
        DATABASE_PORT: wrapped.port,
        DATABASE_TLS: 'verify',
      },
    });
    expect((await connection.query('select 1')).rowCount).toBe(1);
    await connection.close();
  });

  it('the secure context is made once per host, not for each connection', () => {
    expect(databaseTls(server)).toBe(databaseTls(server));
  });
});
