import type { IncomingHttpHeaders } from 'node:http';
import { openNudgePace } from '../domain/nudge-pace.ts';
import { ownEndpoint } from './endpoint.ts';
import { readBody } from './http/exchange.ts';
import { headerText, ServiceError } from './http/service-error.ts';
import { openSignedCalls, type SignedCalls } from './http/signed-calls.ts';
import { type SigningClient, signingClient } from './signing-client.ts';

/** Tells the relay that there are events. A lost nudge costs a minute: the schedule invokes the relay too. */
export interface Nudges {
  /** An event was written. Begins to send a nudge, unless one is on its way (domain/nudge-pace.ts). Never throws. */
  send(): void;
  /** Resolves when nothing is being sent, as before the end of an invocation. Never rejects. */
  settled(): Promise<void>;
}

/** Sends nothing. */
export const silentNudges: Nudges = { send() {}, settled: async () => {} };

export interface NudgeOptions {
  queueUrl: string;
  /** Milliseconds. */
  clock?: () => number;
  signing?: SigningClient;
  onTrouble?: (error: unknown) => void;
}

/** A request takes 10 ms. The caller waits for it, so it gets little more than a second in all. */
const answerMs = 600;

/** Sends nudges by SQS's JSON protocol, without the SDK's client, which the API would load for nothing else. */
export function openNudges({
  queueUrl,
  clock = () => performance.now(),
  signing = signingClient(),
  onTrouble = () => {},
}: NudgeOptions): Nudges {
  const base = new URL(ownEndpoint('SQS') ?? new URL(queueUrl).origin);
  const pace = openNudgePace(clock);
  const sending = new Set<Promise<void>>();
  let calls: SignedCalls | undefined;

  async function sendAfter(delaySeconds: number): Promise<void> {
    calls ??= openSignedCalls({ service: 'sqs', signing, maxAttempts: 2, answerMs, errorOf });
    const body = Buffer.from(
      JSON.stringify({ QueueUrl: queueUrl, MessageBody: '{}', DelaySeconds: delaySeconds }),
    );
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.SendMessage',
      'content-length': String(body.byteLength),
    };
    try {
      await calls.call(async () => ({ method: 'POST', base, path: '/', headers, body }), readBody);
    } catch (error) {
      pace.forget();
      onTrouble(error);
    }
  }

  return {
    send() {
      const delay = pace.next();
      if (delay === undefined) return;
      const one: Promise<void> = sendAfter(delay).finally(() => sending.delete(one));
      sending.add(one);
    },
    async settled() {
      await Promise.all(sending);
    },
  };
}

async function errorOf(status: number, headers: IncomingHttpHeaders, body: Buffer): Promise<ServiceError> {
  let parsed: { __type?: string; message?: string } = {};
  try {
    parsed = JSON.parse(body.toString()) ?? {};
  } catch {
    // Not from SQS.
  }
  return new ServiceError(
    { name: parsed.__type?.split('#').at(-1), message: parsed.message },
    { httpStatusCode: status, requestId: headerText(headers, 'x-amzn-requestid') },
    headers,
  );
}
