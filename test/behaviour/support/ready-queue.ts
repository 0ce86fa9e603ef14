import { randomUUID } from 'node:crypto';
import {
  DeleteRuleCommand,
  type EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** An event of EventBridge as a queue receives it. */
export interface ReadyEvent {
  source: string;
  'detail-type': string;
  detail: { bucket: string; tenant: string; id: string };
}

/** The queue of a subscriber. */
export interface ReadyQueue {
  /** The events so far, after waiting up to 5 s for more. */
  receive(): Promise<ReadyEvent[]>;
  remove(): Promise<void>;
}

/** A rule on the default event bus that sends the events of one bucket to a new queue, like `onReady`. */
export async function openReadyQueue(
  sqs: SQSClient,
  events: EventBridgeClient,
  bucket: string,
): Promise<ReadyQueue> {
  const Name = `sluice-suite-${randomUUID()}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: Name }));
  const attributes = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  const { QueueArn = '' } = (await sqs.send(attributes)).Attributes ?? {};
  const EventPattern = JSON.stringify({
    source: ['sluice'],
    'detail-type': ['Image ready'],
    detail: { bucket: [bucket] },
  });
  const { RuleArn } = await events.send(new PutRuleCommand({ Name, EventPattern }));
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: QueueArn,
      Condition: { ArnEquals: { 'aws:SourceArn': RuleArn } },
    },
  });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  await events.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'queue', Arn: QueueArn }] }));
  return {
    async receive() {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }),
      );
      return Messages.map(({ Body = '{}' }) => JSON.parse(Body) as ReadyEvent);
    },
    async remove() {
      await events.send(new RemoveTargetsCommand({ Rule: Name, Ids: ['queue'] }));
      await events.send(new DeleteRuleCommand({ Name }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    },
  };
}
