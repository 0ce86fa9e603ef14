import { CfnParameter, type CfnResource, Duration } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping, type CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { type CfnQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { type Changes, findings, shop } from './shop.ts';

const seconds = Duration.seconds;
const receivedOnce = {
  deadLetterQueue: undefined,
  visibilityTimeout: seconds(60),
  retentionPeriod: seconds(60),
};

it('an app with safe settings has no finding, and synthesises', () => {
  const { app } = shop();
  expect(findings(app)).toEqual([]);
});

describe.each<[string, Changes, Changes, RegExp]>([
  [
    'a mapping without a maximum',
    { event: { maxConcurrency: undefined }, worker: { reservedConcurrentExecutions: undefined } },
    { worker: { reservedConcurrentExecutions: undefined } },
    /^MaximumConcurrency error Shop\/Worker\/SqsEventSource:\S+: .*up to 1250 executions/,
  ],
  [
    'reserved concurrency below the maximum',
    { worker: { reservedConcurrentExecutions: 4 } },
    { worker: { reservedConcurrentExecutions: 6 } },
    /^Ceiling error Shop\/Worker: .*5 > 4/,
  ],
  [
    'a visibility timeout below 6 × timeout',
    { queue: { visibilityTimeout: seconds(59) } },
    { queue: { visibilityTimeout: seconds(60) } },
    /^Visibility error Shop\/Orders: .*6 × 10 \+ 0 = 60 > 59/,
  ],
  [
    'a visibility timeout that forgets the window',
    { event: { maxBatchingWindow: seconds(5) } },
    { event: { maxBatchingWindow: seconds(5) }, queue: { visibilityTimeout: seconds(65) } },
    /^Visibility error Shop\/Orders: .*6 × 10 \+ 5 = 65 > 60/,
  ],
  [
    'no dead-letter queue',
    { queue: { deadLetterQueue: undefined } },
    {},
    /^Redrive error Shop\/Orders: .*no redrive policy/,
  ],
  [
    'no dead-letter queue, and messages that outlive their first receive',
    { queue: { ...receivedOnce, retentionPeriod: seconds(61) } },
    // Hidden for as long as it is kept: SQS drops the message before a second receive.
    { queue: receivedOnce },
    /^Redrive error Shop\/Orders: .*no redrive policy/,
  ],
  [
    'a dead-letter queue that keeps messages as long as its source',
    { deadLetters: { retentionPeriod: Duration.days(4) } },
    { deadLetters: { retentionPeriod: Duration.days(5) } },
    /^Retention error Shop\/Dead: .*4 − 4 = 0 days/,
  ],
  [
    'batches without reported failures',
    { event: { reportBatchItemFailures: false } },
    { event: { reportBatchItemFailures: false, batchSize: 1 } },
    /^BatchFailures error Shop\/Worker\/SqsEventSource:\S+: a batch has up to 10 messages/,
  ],
  [
    'a FIFO queue whose mapping has no maximum',
    {
      queue: { fifo: true },
      deadLetters: { fifo: true },
      event: { batchSize: 10, maxConcurrency: undefined },
    },
    { queue: { fifo: true }, deadLetters: { fifo: true } },
    /^MaximumConcurrency error .* one per message group/,
  ],
])('%s', (_, unsafe, safe, expected) => {
  it('an unsafe setting is the only finding', () => {
    const found = findings(shop(unsafe).app);
    expect(found.filter((one) => expected.test(one))).toHaveLength(1);
    expect(
      found.filter(
        (one) => !/^(MaxConnections|Ceiling|MaximumConcurrency) /.test(one) && !expected.test(one),
      ),
    ).toEqual([]);
  });

  it('a safe setting has no finding', () => {
    expect(findings(shop(safe).app)).toEqual([]);
  });
});

describe('maxReceiveCount', () => {
  const counted = (maxReceiveCount: number) => {
    const { app, stack, queue } = shop();
    const dead = stack.node.findChild('Dead') as Queue;
    (queue.node.defaultChild as CfnQueue).redrivePolicy = {
      deadLetterTargetArn: dead.queueArn,
      maxReceiveCount,
    };
    return findings(app);
  };

  it('maxReceiveCount of 1 is an error, below 5 a warning', () => {
    expect(counted(1)).toEqual([expect.stringMatching(/^Receives error Shop\/Orders: .*1 − 1 = 0 retries/)]);
    expect(counted(2)).toEqual([expect.stringMatching(/^FewReceives warning Shop\/Orders: .*2 < 5/)]);
    expect(counted(4)).toHaveLength(1);
    expect(counted(5)).toEqual([]);
  });
});

describe('FIFO and standard queues', () => {
  const fifo = { queue: { fifo: true }, deadLetters: { fifo: true } };
  /** A change of the mapping that the CDK's own construct rejects. */
  const changed = (changes: Changes, properties: object) => {
    const { app, worker } = shop(changes);
    const mapping = worker.node.findAll().find((one) => one instanceof CfnEventSourceMapping);
    for (const [name, value] of Object.entries(properties)) mapping?.addPropertyOverride(name, value);
    return findings(app);
  };

  it('a FIFO queue may keep messages as long as its dead-letter queue, where their age starts anew', () => {
    const deadLetters = { fifo: true, retentionPeriod: Duration.days(4) };
    expect(findings(shop({ ...fifo, deadLetters }).app)).toEqual([]);
  });

  it.each<[string, Changes, RegExp]>([
    [
      'FIFO',
      { queue: { fifo: true } },
      /^QueueType error Shop\/Orders: .*of a FIFO queue.*Shop\/Dead.* is a standard/,
    ],
    [
      'standard',
      { deadLetters: { fifo: true } },
      /^QueueType error Shop\/Orders: .*of a standard queue.* is a FIFO/,
    ],
  ])('a %s queue needs a dead-letter queue of its type', (_, changes, expected) => {
    const { app, stack } = shop();
    const parts = { queue: 'Orders', deadLetters: 'Dead' };
    for (const [part, id] of Object.entries(parts))
      if (changes[part as 'queue']?.fifo)
        ((stack.node.findChild(id) as Queue).node.defaultChild as CfnQueue).fifoQueue = true;
    expect(findings(app)).toEqual([expect.stringMatching(expected)]);
  });

  it.each<[string, Changes, object, RegExp | undefined]>([
    ['a FIFO queue has no window', fifo, { MaximumBatchingWindowInSeconds: 0 }, undefined],
    [
      'a FIFO queue has no window',
      { ...fifo, queue: { fifo: true, visibilityTimeout: seconds(70) } },
      { MaximumBatchingWindowInSeconds: 5 },
      /5 s > 0/,
    ],
    ['a batch of a FIFO queue has up to 10', fifo, { BatchSize: 10 }, undefined],
    ['a batch of a FIFO queue has up to 10', fifo, { BatchSize: 11 }, /11 > 10/],
    ['a larger batch of a standard queue needs a window', {}, { BatchSize: 11 }, /11 > 10 .*0 < 1/],
    [
      'a larger batch of a standard queue needs a window',
      { queue: { visibilityTimeout: seconds(61) } },
      { BatchSize: 11, MaximumBatchingWindowInSeconds: 1 },
      undefined,
    ],
  ])('%s: %o %o', (_, changes, properties, expected) => {
    const found = changed(changes, properties);
    expect(found).toEqual(expected === undefined ? [] : [expect.stringMatching(expected)]);
    for (const one of found) expect(one).toMatch(/^QueueType error Shop\/Worker\/SqsEventSource:/);
  });
});

describe('reserved concurrency', () => {
  it('reserved concurrency covers the sum of several mappings', () => {
    const { app, stack, worker } = shop({ worker: { reservedConcurrentExecutions: 9 } });
    const second = new Queue(stack, 'Returns', {
      visibilityTimeout: seconds(60),
      deadLetterQueue: { queue: stack.node.findChild('Dead') as Queue, maxReceiveCount: 5 },
    });
    worker.addEventSourceMapping('Returns', {
      eventSourceArn: second.queueArn,
      maxConcurrency: 5,
      reportBatchItemFailures: true,
    });
    expect(findings(app)).toEqual([expect.stringMatching(/^Ceiling error Shop\/Worker: .*5 \+ 5 = 10 > 9/)]);
  });

  it('reserved concurrency is needed if something else invokes the function', () => {
    const { app, worker } = shop({ worker: { reservedConcurrentExecutions: undefined } });
    worker.addPermission('Api', { principal: new ServicePrincipal('apigateway.amazonaws.com') });
    expect(findings(app)).toEqual([
      expect.stringMatching(/^Ceiling error Shop\/Worker: has no reserved concurrency.*Shop\/Worker\/Api/),
      expect.stringMatching(
        /^Unknown info Shop\/Worker: not judged by MaxConnections: .*no reserved concurrency/,
      ),
    ]);
  });

  it('provisioned pollers limit a mapping to ten executions each', () => {
    const provisioned = (reservedConcurrentExecutions: number) =>
      findings(
        shop({
          event: {
            maxConcurrency: undefined,
            provisionedPollerConfig: { minimumPollers: 2, maximumPollers: 4 },
          },
          worker: { reservedConcurrentExecutions },
        }).app,
      );
    expect(provisioned(40)).toEqual([]);
    expect(provisioned(39)).toEqual([expect.stringMatching(/^Ceiling error Shop\/Worker: .*40 > 39/)]);
  });
});

describe('what a template does not contain', () => {
  it('values that are parameters are reported as unknown, and never guessed', () => {
    const { app, stack, queue, worker } = shop();
    const parameter = (id: string) =>
      new CfnParameter(stack, id, { type: 'Number', default: 1 }).valueAsNumber;
    (queue.node.defaultChild as CfnQueue).visibilityTimeout = parameter('Hidden');
    (worker.node.defaultChild as CfnFunction).reservedConcurrentExecutions = parameter('Reserved');
    expect(findings(app)).toEqual([
      'Unknown info Shop/Orders: not judged by Visibility: VisibilityTimeout of Shop/Orders is {"Ref":"Hidden"}',
      'Unknown info Shop/Worker: not judged by Ceiling, MaxConnections: ReservedConcurrentExecutions of Shop/Worker is {"Ref":"Reserved"}',
    ]);
  });

  it('response types that are an expression are unknown', () => {
    const { app, worker } = shop();
    const mapping = worker.node.findAll().find((one) => one instanceof CfnEventSourceMapping);
    mapping?.addPropertyOverride('FunctionResponseTypes', { Ref: 'Types' });
    expect(findings(app)).toEqual([
      expect.stringMatching(
        /^Unknown info .*not judged by BatchFailures: FunctionResponseTypes of .* is \{"Ref":"Types"\}/,
      ),
    ]);
  });

  it.each<[string, unknown, RegExp]>([
    [
      'FifoQueue',
      { Ref: 'Fifo' },
      /^Unknown info Shop\/Orders: not judged by Retention, QueueType: FifoQueue of/,
    ],
    [
      'RedrivePolicy',
      { deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead', maxReceiveCount: 5 },
      /^Unknown info Shop\/Orders: not judged by Retention, QueueType: the dead-letter queue of .* is not in/,
    ],
  ])('a queue whose %s is %o is unknown to the rules that need it', (name, value, expected) => {
    const { app, queue } = shop();
    (queue.node.defaultChild as CfnResource).addPropertyOverride(name, value);
    expect(findings(app).filter((one) => expected.test(one))).toHaveLength(1);
  });

  it('AWS::NoValue is an absent property', () => {
    const { app, queue, worker } = shop();
    for (const [one, name] of [
      [queue, 'VisibilityTimeout'],
      [worker, 'Timeout'],
    ] as const)
      (one.node.defaultChild as CfnResource).addPropertyOverride(name, { Ref: 'AWS::NoValue' });
    expect(findings(app)).toEqual([]);
  });

  it('every property of a delivery may be an expression without breaking the synthesis', () => {
    const { app, stack } = shop();
    const expression = {
      'Fn::If': ['Large', 1, { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'A'] }],
    };
    for (const one of stack.node.findAll())
      if ('cfnProperties' in one) {
        const resource = one as unknown as {
          cfnResourceType: string;
          addPropertyOverride(name: string, value: unknown): void;
        };
        const names: Record<string, string[]> = {
          'AWS::SQS::Queue': ['VisibilityTimeout', 'RedrivePolicy', 'MessageRetentionPeriod', 'FifoQueue'],
          'AWS::Lambda::EventSourceMapping': [
            'ScalingConfig',
            'BatchSize',
            'MaximumBatchingWindowInSeconds',
            'FunctionResponseTypes',
          ],
          'AWS::Lambda::Function': ['Timeout', 'ReservedConcurrentExecutions', 'Environment'],
          'AWS::RDS::DBInstance': ['DBInstanceClass', 'Engine', 'DBParameterGroupName'],
        };
        for (const name of names[resource.cfnResourceType] ?? [])
          resource.addPropertyOverride(name, expression);
      }
    const found = findings(app);
    expect(found.length).toBeGreaterThan(3);
    expect(found.filter((one) => !one.startsWith('Unknown info '))).toEqual([]);
  });
});
