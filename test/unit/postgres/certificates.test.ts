import type { Server } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect, type OpenConnection } from '../../../lambda/postgres/connection/connection.ts';
import { type Certificate, makeAuthority, makeCertificate } from '../../support/certificate.ts';
import { behindTls as wrap } from './behind-tls.ts';
import { openTestDb, type TestDb } from './rows.ts';

let db: TestDb;
const authority = makeAuthority();
beforeAll(async () => {
  db = await openTestDb();
  // As NODE_EXTRA_CA_CERTS does for a process.
  setDefaultCACertificates([...getCACertificates('bundled'), authority.cert]);
});
afterAll(() => db.close());
let server: Server | undefined;
afterEach(() => {
  server?.close();
});

async function behindTls(certificate: Certificate): Promise<number> {
  const opened = await wrap(db.address, certificate);
  server = opened.server;
  return opened.port;
}

function verified(port: number, host = 'localhost'): Promise<OpenConnection> {
  const { environment, ...options } = db.options();
  return connect({
    ...options,
    environment: { ...environment, DATABASE_HOST: host, DATABASE_PORT: port, DATABASE_TLS: 'verify' },
  });
}
const refused = (code: string) => ({
  name: 'TransientFailure',
  code: 'database_unavailable',
  cause: expect.objectContaining({ code }),
});

describe('a server that must prove its identity', () => {
  it('a server with a certificate for its name, by a trusted authority, is accepted', async () => {
    const connection = await verified(await behindTls(makeCertificate(['localhost'], authority)));
    expect((await connection.query('select 1')).rowCount).toBe(1);
    await connection.close();
  });

  it('a server with a self-signed certificate is refused', async () => {
    await expect(verified(await behindTls(makeCertificate(['localhost'])))).rejects.toMatchObject(
      refused('DEPTH_ZERO_SELF_SIGNED_CERT'),
    );
  });

  it('a server with a certificate by an untrusted authority is refused', async () => {
    await expect(
      verified(await behindTls(makeCertificate(['localhost'], makeAuthority('Nobody')))),
    ).rejects.toMatchObject(refused('UNABLE_TO_VERIFY_LEAF_SIGNATURE'));
  });

  it.each([
    ['another name', 'localhost', 'elsewhere.example'],
    ['a name where an address was called', '127.0.0.1', 'localhost'],
  ])('a server with a certificate for %s is refused', async (_, host, name) => {
    const port = await behindTls(makeCertificate([name], authority));
    await expect(verified(port, host)).rejects.toMatchObject(refused('ERR_TLS_CERT_ALTNAME_INVALID'));
  });

  it('a server without TLS is refused', async () => {
    await expect(verified(db.address.port)).rejects.toMatchObject({
      code: 'database_unavailable',
      cause: expect.objectContaining({ message: 'The server does not support SSL connections' }),
    });
  });
});
