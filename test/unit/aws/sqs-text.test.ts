import type { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { openEventQueues } from '../../../lambda/aws/event-queues.ts';
import { openMessageQueue } from '../../../lambda/aws/message-queue.ts';
import { imageEvent } from '../../support/kafka/events.ts';

const queueUrl = 'http://127.0.0.1:1/queue';
/** What SQS takes in a message: the characters of XML 1.0. */
const characters = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;

/** Keeps the bodies of a batch, and accepts all. */
function recordingClient() {
  const bodies: string[] = [];
  const send = async ({ input }: SendMessageBatchCommand) => {
    for (const { MessageBody = '' } of input.Entries ?? []) bodies.push(MessageBody);
    return { Successful: (input.Entries ?? []).map(({ Id }) => ({ Id })) };
  };
  return { bodies, client: { send } as unknown as SQSClient };
}

const strange = { title: 'a\uFFFFb\uFFFEc', emoji: '🦭', control: '\u0001\u007F', lone: '\uD800' };
const event = (() => {
  const one = imageEvent({});
  return { ...one, data: { ...one.data, metadata: strange } };
})();

it('an event with characters that SQS refuses reaches the queues as characters that it takes', async () => {
  const { bodies, client } = recordingClient();
  await openEventQueues({ queueUrls: [queueUrl], client }).send([event], new AbortController().signal);
  expect(bodies[0]).toMatch(characters);
  expect(JSON.parse(bodies[0] ?? '').data.metadata).toEqual(strange);
});

it('so does a message between functions that has such an event as text', async () => {
  const { bodies, client } = recordingClient();
  const body = JSON.stringify({ body: JSON.stringify(event) });
  await openMessageQueue({ queueUrl, client }).send([{ body }]);
  expect(bodies[0]).toMatch(characters);
  expect(JSON.parse(JSON.parse(bodies[0] ?? '').body).data.metadata).toEqual(strange);
});
