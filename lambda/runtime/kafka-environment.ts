import * as z from 'zod/mini';
import { part } from './environment.ts';

/** The topic for the events of images. Without KAFKA_BROKERS they go to the queues of the consumers. */
export const kafka = part(
  'kafka',
  z.object({
    /** host:port, comma-separated. */
    KAFKA_BROKERS: z.optional(
      z.string().check(z.regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, 'must be host:port,…')),
    ),
    KAFKA_TOPIC: z._default(z.string().check(z.regex(/^[a-zA-Z0-9._-]{1,249}$/)), 'sluice-image-events'),
    /** `iam` signs tokens (MSK); `scram` (SCRAM-SHA-512) and `plain` take the secret. */
    KAFKA_LOGIN: z._default(z.enum(['none', 'iam', 'scram', 'plain']), 'none'),
    /** Secret with JSON that has the fields `username` and `password`. */
    KAFKA_SECRET_ARN: z.optional(z.string()),
    /** `verify` checks the certificate against the system's roots, and KAFKA_CA (PEM) if given. */
    KAFKA_TLS: z._default(z.enum(['verify', 'off']), 'verify'),
    KAFKA_CA: z.optional(z.string()),
  }),
);
