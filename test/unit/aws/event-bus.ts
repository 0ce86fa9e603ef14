import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { listen } from '../../../local/http/listen.ts';

/** An entry of PutEvents as it is on the wire. */
export interface Entry {
  EventBusName: string;
  Source: string;
  DetailType: string;
  Detail: string;
}

/** How the bus handles a call: accepts it, fails some entries, refuses it, or never responds. */
export type Mood = 'takes' | 'refuses' | 'hangs' | { fails: (entry: Entry) => boolean };

/** An EventBridge with PutEvents, by AWS's JSON protocol 1.1. */
export interface EventBus {
  endpoint: string;
  mood: Mood;
  /** Entries that were taken. */
  taken: Entry[];
  /** How many entries each call had. */
  calls: number[];
  /** The ids of the announced images, in order. */
  announced(): string[];
  stop(): void;
}

/** Starts a bus at a free port; the SDK's environment points to it until it is stopped. */
export async function startEventBus(): Promise<EventBus> {
  const server = createServer(async (request, response) => {
    const { Entries } = await entriesOf(request);
    bus.calls.push(Entries.length);
    const { mood } = bus;
    if (mood === 'hangs') return;
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    if (mood === 'refuses') {
      response.statusCode = 400;
      response.end(JSON.stringify({ __type: 'AccessDeniedException', message: 'no' }));
      return;
    }
    const failed = Entries.filter((entry) => mood !== 'takes' && mood.fails(entry));
    bus.taken.push(...Entries.filter((entry) => !failed.includes(entry)));
    const answers = Entries.map((entry) =>
      failed.includes(entry)
        ? { ErrorCode: 'ThrottlingException', ErrorMessage: 'Rate exceeded' }
        : { EventId: randomUUID() },
    );
    response.end(JSON.stringify({ FailedEntryCount: failed.length, Entries: answers }));
  });
  const endpoint = `http://127.0.0.1:${await listen(server, 0)}`;
  const name = 'AWS_ENDPOINT_URL_EVENTBRIDGE';
  const before = process.env[name];
  process.env[name] = endpoint;
  const bus: EventBus = {
    endpoint,
    mood: 'takes',
    taken: [],
    calls: [],
    announced: () => bus.taken.map(({ Detail }) => (JSON.parse(Detail) as { id: string }).id),
    stop() {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
      server.closeAllConnections();
      server.close();
    },
  };
  return bus;
}

async function entriesOf(request: IncomingMessage): Promise<{ Entries: Entry[] }> {
  const { 'x-amz-target': target, 'content-type': type, authorization = '' } = request.headers;
  if (target !== 'AWSEvents.PutEvents' || type !== 'application/x-amz-json-1.1')
    throw new Error(`the bus knows no ${String(target)} as ${type}`);
  if (!authorization.includes('/events/aws4_request')) throw new Error('the call is not signed for events');
  return (await json(request)) as { Entries: Entry[] };
}
