import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/*
 * Certificates for tests (X.509 v3, RFC 5280, DER written by hand: it has only eight forms). Elliptic curve P-256, valid
 * for a day before and after now.
 */

const tlv = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: Buffer[]) => tlv(0x30, ...parts);
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, 'hex'));
const octets = (bytes: Buffer) => tlv(0x04, bytes);
const bits = (bytes: Buffer) => tlv(0x03, Buffer.from([0]), bytes);
const text = (value: string) => tlv(0x0c, Buffer.from(value));
const yes = tlv(0x01, Buffer.from([0xff]));
const time = (ms: number) => {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14);
  return tlv(0x18, Buffer.from(`${digits}Z`));
};

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const name = (commonName: string) => sequence(tlv(0x31, sequence(oid('550403'), text(commonName))));
const day = 86_400_000;

export interface Certificate {
  /** PEM. */
  cert: string;
  key: string;
}
export interface Authority extends Certificate {
  subject: string;
  privateKey: KeyObject;
}

function issue(subject: string, extensions: Buffer[], by?: Authority): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    name(by?.subject ?? subject),
    sequence(time(Date.now() - day), time(Date.now() + day)),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, by?.privateKey ?? privateKey);
  const der = sequence(body, ecdsaWithSha256, bits(signature)).toString('base64');
  return {
    subject,
    privateKey,
    // Without an empty last line, which OpenSSL sometimes refuses.
    cert: `-----BEGIN CERTIFICATE-----\n${der.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

/** A self-signed authority. */
export function makeAuthority(subject = 'An authority for tests'): Authority {
  return issue(subject, [sequence(oid('551d13'), yes, octets(sequence(yes)))]);
}

/** A server's certificate for these DNS names, signed by an authority or self-signed. */
export function makeCertificate(dnsNames: string[], by?: Authority): Certificate {
  const names = sequence(...dnsNames.map((one) => tlv(0x82, Buffer.from(one))));
  return issue(dnsNames[0] ?? '', [sequence(oid('551d11'), octets(names))], by);
}
