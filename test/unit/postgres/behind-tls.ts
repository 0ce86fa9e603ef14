import { type AddressInfo, createServer, connect as dial, type Server } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Certificate } from '../../support/certificate.ts';

/** A Postgres behind TLS with this certificate: it takes an SSLRequest, and hands on what it deciphers. */
export async function behindTls(
  address: { host: string; port: number },
  certificate: Certificate,
): Promise<{ server: Server; port: number }> {
  const server = createServer((near) => {
    near.on('error', () => {});
    near.once('data', () => {
      near.write('S');
      const clear = new TLSSocket(near, { isServer: true, secureContext: createSecureContext(certificate) });
      const far = dial(address.port, address.host);
      clear.on('error', () => far.destroy());
      far.on('error', () => clear.destroy());
      clear.pipe(far).pipe(clear);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return { server, port: (server.address() as AddressInfo).port };
}
