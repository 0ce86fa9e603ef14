import { randomUUID } from 'node:crypto';
import type { SQSEvent } from 'aws-lambda';
import type { OutgoingMessage } from '../../../lambda/aws/message-queue.ts';
import { createHandler } from '../../../lambda/dispatch/handler.ts';
import type { ImageEvent } from '../../../lambda/domain/event.ts';
import type { CallOutcome, DeliveryRequest, Sending } from '../../../lambda/domain/webhook.ts';
import { secretOf } from '../../../lambda/domain/webhook-secret.ts';
import type { Database } from '../../../lambda/postgres/connection/connection.ts';
import { fanOut } from '../../../lambda/postgres/webhooks/fan-out.ts';
import { scheduledMessage } from '../../../lib/catalogue/inner-queues.ts';
import { recordMetrics } from '../../support/metrics.ts';
import type { TestDb } from '../postgres/rows.ts';
import { recordingLog } from '../process/test-worker.ts';

export const inFlight = 3;
export const secret = secretOf(Buffer.alloc(32, 1));

/** `dispatch` with a database, and the requests and nudges that it sent. */
export function openDispatch(db: TestDb, { random = 0.5 } = {}) {
  const requests: DeliveryRequest[] = [];
  const nudges: OutgoingMessage[] = [];
  const { metrics, recorded } = recordMetrics();
  const log = recordingLog();
  const state = {
    accepts: (_: OutgoingMessage): boolean => true,
    now: Date.now(),
    /** Milliseconds of an invocation. */
    remainingMs: 20_000,
    /** Around each transaction. */
    transacts: <Result>(run: () => Promise<Result>): Promise<Result> => run(),
  };
  const opened = db.as('sluice_dispatch');
  const database: Database = {
    ...opened,
    transaction: (work, call) => state.transacts(() => opened.transaction(work, call)),
  };
  const handler = createHandler({
    database,
    deliveries: {
      async send(messages) {
        const unsent = new Map<number, string>();
        for (const [place, message] of messages.entries())
          if (state.accepts(message)) requests.push(JSON.parse(message.body) as DeliveryRequest);
          else unsent.set(place, 'no');
        return unsent;
      },
    },
    deliveryResults: {
      async send(messages) {
        nudges.push(...messages);
        return new Map();
      },
    },
    inFlight,
    log,
    metrics,
    random: () => random,
    now: () => state.now,
  });
  const context = { awsRequestId: randomUUID(), getRemainingTimeInMillis: () => state.remainingMs } as never;
  const invoke = async (event: { Records: readonly { body: string }[] }): Promise<DeliveryRequest[]> => {
    requests.length = 0;
    nudges.length = 0;
    await handler(event as SQSEvent, context);
    return [...requests];
  };
  return {
    requests,
    nudges,
    recorded,
    log,
    state,
    /** The schedule. */
    tick: () => invoke({ Records: [{ body: JSON.stringify(scheduledMessage) }] }),
    /** A message that something is due. */
    due: () => invoke({ Records: [{ body: '{"v":1,"kind":"due"}' }] }),
    /** Results of requests, in one batch. */
    settle: (...results: readonly (readonly [Sending, CallOutcome])[]) =>
      invoke({
        Records: results.map(([{ endpoint, event, sending, attempt }, outcome]) => ({
          body: JSON.stringify({ v: 1, kind: 'result', endpoint, event, sending, attempt, outcome }),
        })),
      }),
    invoke,
  };
}

export const ok: CallOutcome = { kind: 'response', status: 200 };
export const down: CallOutcome = { kind: 'fault', fault: 'not_connected' };

export async function insertEndpoint(
  db: TestDb,
  { tenant = 'alpha', types = [] as string[], url = 'https://hooks.example.com/' } = {},
): Promise<string> {
  const id = randomUUID();
  await db.admin.query(
    `insert into webhook_endpoint (id, tenant_id, url, types, secret, created_at)
     values ($1, $2, $3, $4, $5, now() - interval '1 hour')`,
    [id, tenant, url, types, secret],
  );
  return id;
}

let last = 0;
/** The n-th event of an image, with an id that follows the one before. */
export function eventOf(subject: string, sequence: number, more: Partial<ImageEvent> = {}): ImageEvent {
  last += 1;
  return {
    specversion: '1.0',
    id: `0199e6a8-0000-7000-8000-${String(last).padStart(12, '0')}`,
    source: 'sluice',
    type: 'image.ready',
    subject,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    dataschema: 'urn:sluice:image-event:1',
    tenant: 'alpha',
    sequence: String(sequence),
    data: {
      id: subject,
      tenant: 'alpha',
      status: 'ready',
      createdAt: new Date().toISOString(),
      ageSeconds: 1,
      declared: { contentType: 'image/png', bytes: 1 },
      metadata: {},
    },
    ...more,
  };
}

/** Events of as many images, given to webhooks as the relay does. */
/** @param most deliveries that may wait for a paused endpoint @returns how many were made */
export async function publish(db: TestDb, events: readonly ImageEvent[], most?: number): Promise<number> {
  const relay = db.as('sluice_relay');
  try {
    return (await relay.run((connection) => fanOut(connection, events, most))).made;
  } finally {
    await relay.close();
  }
}
export const images = (count: number) => Array.from({ length: count }, () => eventOf(randomUUID(), 1));
