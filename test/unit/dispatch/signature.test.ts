import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signedHeaders } from '../../../lambda/dispatch/signature.ts';
import { secretKey, secretOf } from '../../../lambda/domain/webhook-secret.ts';

const bytes = (length: number) => new Uint8Array(length).fill(7);

describe('secrets', () => {
  it('24 to 64 bytes are accepted', () => {
    const accepted = Array.from({ length: 80 }, (_, length) => secretKey(secretOf(bytes(length)))?.length);
    expect(accepted.filter((length) => length !== undefined)).toEqual(
      Array.from({ length: 41 }, (_, more) => 24 + more),
    );
  });

  it.each([
    ['3 bytes', secretOf(bytes(3))],
    ['23 bytes', secretOf(bytes(23))],
    ['65 bytes', secretOf(bytes(65))],
    ['no prefix', Buffer.from(bytes(24)).toString('base64')],
    ['not base64', `whsec_${'!'.repeat(40)}`],
    ['base64url', `whsec_${Buffer.alloc(24, 0xff).toString('base64url')}`],
    ['no padding', secretOf(bytes(25)).replaceAll('=', '')],
    ['bits beyond the last byte', `${secretOf(bytes(25)).slice(0, -3)}x==`],
    ['nothing', ''],
  ])('%s are refused', (_, secret) => {
    expect(secretKey(secret)).toBeUndefined();
  });
});

describe('signatures', () => {
  // From the libraries of Standard Webhooks: secret, id, timestamp, body and signature.
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const message = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1_614_265_330,
    body: '{"test": 2432232314}',
  };

  it('are those of Standard Webhooks', () => {
    expect(signedHeaders(message, [secret])).toEqual({
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('there is one for each valid secret', () => {
    const other = secretOf(bytes(32));
    const both = signedHeaders(message, [other, secret])['webhook-signature'].split(' ');
    expect(both).toEqual([
      `v1,${createHmac('sha256', bytes(32)).update(`${message.id}.1614265330.${message.body}`).digest('base64')}`,
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    ]);
  });

  it('a malformed secret signs nothing', () => {
    expect(() => signedHeaders(message, ['whsec_abc'])).toThrow(TypeError);
  });
});
