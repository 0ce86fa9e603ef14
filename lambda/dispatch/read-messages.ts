import type { SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { type CallOutcome, callFaults, type Sending } from '../domain/webhook.ts';

/** The result of a sending. */
export type Result = Sending & { outcome: CallOutcome };

const count = z.number().check(z.int(), z.gte(1));
const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('response'), status: z.int(), retryAfter: z.optional(z.string()) }),
  z.object({ kind: z.literal('fault'), fault: z.enum(callFaults) }),
  z.object({ kind: z.literal('stale') }),
]);
const message = z.discriminatedUnion('kind', [
  z.object({
    v: z.literal(1),
    kind: z.literal('result'),
    endpoint: z.uuid(),
    event: z.uuid(),
    sending: count,
    attempt: count,
    outcome,
  }),
  z.object({ v: z.literal(1), kind: z.literal('due') }),
  z.object({ v: z.literal(1), kind: z.literal('scheduled') }),
]);
/**
 * The messages of a batch: results, and the schedule's. `due` asks for nothing that each batch does not do.
 * @returns also how many messages are unknown
 */
export function readMessages({ Records }: Pick<SQSEvent, 'Records'>): {
  results: Result[];
  scheduled: boolean;
  unknown: number;
} {
  const read = Records.map(({ body }) => readMessage(body));
  return {
    results: read.flatMap((one) => (one?.kind === 'result' ? [one as Result & { kind: 'result' }] : [])),
    scheduled: read.some((one) => one?.kind === 'scheduled'),
    unknown: read.filter((one) => one === undefined).length,
  };
}

function readMessage(body: string): z.infer<typeof message> | undefined {
  try {
    return message.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
