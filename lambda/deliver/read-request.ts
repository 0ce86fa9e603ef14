import * as z from 'zod/mini';
import type { DeliveryRequest } from '../domain/webhook.ts';

const count = z.number().check(z.int(), z.gte(1));
const request = z.object({
  v: z.literal(1),
  endpoint: z.uuid(),
  event: z.uuid(),
  sending: count,
  attempt: count,
  signedAt: z.number(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

/** Reads a message of `dispatch`; undefined if it is none of a known version. */
export function readDeliveryRequest(body: string): DeliveryRequest | undefined {
  try {
    return request.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
