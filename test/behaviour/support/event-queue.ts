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
export interface BusEvent<Detail> {
  source: string;
  'detail-type': string;
  detail: Detail;
}

/** The queue of a subscriber. */
export interface EventQueue<Detail> {
  /** The events so far, after waiting up to 5 s for more. */
  receive(): Promise<BusEvent<Detail>[]>;
  remove(): Promise<void>;
}

/** A rule on an event bus, by name or ARN, that sends the events of the pattern to a new queue. */
export async function openEventQueue<Detail>(
  { sqs, events }: { sqs: SQSClient; events: EventBridgeClient },
  EventBusName: string,
  pattern: object,
): Promise<EventQueue<Detail>> {
  const Name = `sluice-suite-${randomUUID()}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: Name }));
  const attributes = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  const { QueueArn = '' } = (await sqs.send(attributes)).Attributes ?? {};
  const rule = new PutRuleCommand({ Name, EventBusName, EventPattern: JSON.stringify(pattern) });
  const { RuleArn } = await events.send(rule);
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
  await events.send(
    new PutTargetsCommand({ Rule: Name, EventBusName, Targets: [{ Id: 'queue', Arn: QueueArn }] }),
  );
  return {
    async receive() {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }),
      );
      return Messages.map(({ Body = '{}' }) => JSON.parse(Body) as BusEvent<Detail>);
    },
    async remove() {
      await events.send(new RemoveTargetsCommand({ Rule: Name, EventBusName, Ids: ['queue'] }));
      await events.send(new DeleteRuleCommand({ Name, EventBusName }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    },
  };
}
