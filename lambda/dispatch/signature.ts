import { createHmac } from 'node:crypto';
import { secretKey } from '../domain/webhook-secret.ts';

/**
 * The headers of Standard Webhooks: HMAC-SHA256 over `<id>.<timestamp>.<body>`, one signature for each valid secret.
 * @param timestamp seconds since the epoch
 */
export function signedHeaders(
  { id, timestamp, body }: { id: string; timestamp: number; body: string },
  secrets: readonly string[],
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const signatures = secrets.map((secret) => {
    const key = secretKey(secret);
    if (key === undefined) throw new TypeError('a stored secret is malformed');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
