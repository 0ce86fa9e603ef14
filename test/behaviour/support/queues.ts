import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { depthOf, until } from '../../support/pipeline.ts';
import type { Target } from './target.ts';

type Queue = 'jobs' | 'deadLetters';

/** Messages of a queue, waiting, in flight or delayed. */
export function depth(target: Target, queue: Queue): Promise<number> {
  return depthOf(target.sqs, urlOf(target, queue));
}

/** Waits until a queue contains that many messages. */
export function holds(target: Target, queue: Queue, messages: number, withinMs = 60_000): Promise<void> {
  return until(async () => (await depth(target, queue)) === messages, withinMs);
}

/** Waits for jobs of an earlier test, and empties the dead-letter queue, so that a test counts from zero. */
export async function calm(target: Target): Promise<void> {
  await holds(target, 'jobs', 0);
  await takeDeadLetters(target);
}

export async function send(target: Target, MessageBody: string): Promise<void> {
  await target.sqs.send(new SendMessageCommand({ QueueUrl: target.jobsQueueUrl, MessageBody }));
}

/** Empties the dead-letter queue. @returns the bodies */
export async function takeDeadLetters(target: Pick<Target, 'sqs' | 'deadLettersUrl'>): Promise<string[]> {
  const { sqs, deadLettersUrl: QueueUrl } = target;
  const bodies: string[] = [];
  for (;;) {
    // Short polls are enough.
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 });
    const { Messages = [] } = await sqs.send(receive);
    if (Messages.length === 0) return bodies;
    for (const { ReceiptHandle, Body = '' } of Messages) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      bodies.push(Body);
    }
  }
}

/** A redrive for queues without one that works as on AWS. */
export async function moveDeadLetters(
  target: Pick<Target, 'sqs' | 'jobsQueueUrl' | 'deadLettersUrl'>,
): Promise<void> {
  for (const MessageBody of await takeDeadLetters(target))
    await target.sqs.send(new SendMessageCommand({ QueueUrl: target.jobsQueueUrl, MessageBody }));
}

function urlOf({ jobsQueueUrl, deadLettersUrl }: Target, queue: Queue): string {
  return queue === 'jobs' ? jobsQueueUrl : deadLettersUrl;
}
