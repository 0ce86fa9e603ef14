import { CfnOutput, CfnParameter, CfnResource, Duration, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import {
  Alias,
  type CfnFunction,
  type IFunction,
  type IVersion,
  type Function as LambdaFunction,
} from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { emptyApp, findings, queueOf, safeEvent, serverOf, vpcOf, workerOf } from './shop.ts';

const hidden59 = { queue: { visibilityTimeout: Duration.seconds(59) } };

/** An app whose parts are in these scopes; the visibility timeout is too short, and the connections are too many. */
function scattered(parts: { server: Construct; queue: Construct; worker: Construct }): void {
  const server = serverOf(parts.server, vpcOf(parts.server), { parameters: { max_connections: '12' } });
  const environment = { HOST: server.instanceEndpoint.hostname };
  const worker = workerOf(parts.worker, 'Worker', { environment });
  worker.addEventSource(new SqsEventSource(queueOf(parts.queue, hidden59), safeEvent));
}

describe('parts in several stacks', () => {
  it.each(['strong', 'weak'])('parts of three stacks are found by %s references', (strength) => {
    const app = emptyApp({ '@aws-cdk/core:defaultCrossStackReferences': strength });
    const [server, queue, worker] = ['Data', 'Messages', 'Work'].map((name) => new Stack(app, name)) as [
      Stack,
      Stack,
      Stack,
    ];
    scattered({ server, queue, worker });
    expect(findings(app)).toEqual([
      expect.stringMatching(
        /^MaxConnections error Data\/Server: .*Work\/Worker .* 10 \+ reserve 3 = 13 > 12/,
      ),
      expect.stringMatching(/^Visibility error Messages\/Orders: .*60 > 59/),
    ]);
  });

  it.each<[string, (stack: Stack) => Parameters<typeof scattered>[0], string]>([
    [
      'the function',
      (stack) => ({ server: stack, queue: stack, worker: new NestedStack(stack, 'Inner') }),
      'Shop/Orders',
    ],
    [
      'the queue',
      (stack) => ({ server: stack, queue: new NestedStack(stack, 'Inner'), worker: stack }),
      'Shop/Inner/Orders',
    ],
    [
      'the server',
      (stack) => ({ server: new NestedStack(stack, 'Inner'), queue: stack, worker: stack }),
      'Shop/Orders',
    ],
    [
      'everything',
      (stack) => {
        const inner = new NestedStack(new NestedStack(stack, 'Outer'), 'Inner');
        return { server: inner, queue: inner, worker: inner };
      },
      'Shop/Outer/Inner/Orders',
    ],
    [
      'each part',
      (stack) => {
        return {
          server: new NestedStack(stack, 'A'),
          queue: new NestedStack(stack, 'B'),
          worker: new NestedStack(stack, 'C'),
        };
      },
      'Shop/B/Orders',
    ],
  ])('%s may be in a nested stack', (_, partsOf, queue) => {
    const app = emptyApp();
    scattered(partsOf(new Stack(app, 'Shop')));
    expect(findings(app)).toEqual([
      expect.stringMatching(/^MaxConnections error \S+\/Server: .*13 > 12/),
      expect.stringMatching(new RegExp(`^Visibility error ${queue}: .*60 > 59`)),
    ]);
  });

  it('references in a circle do not break the synthesis', () => {
    const app = emptyApp();
    const stack = new Stack(app, 'Shop');
    const inner = new NestedStack(stack, 'Inner', { parameters: { Host: 'none' } });
    const host = new CfnParameter(inner, 'Host').valueAsString;
    new CfnOutput(inner, 'Same', { value: host });
    const resource = inner.nestedStackResource as CfnResource;
    resource.addPropertyOverride('Parameters.Host', {
      'Fn::GetAtt': [stack.getLogicalId(resource), 'Outputs.Same'],
    });
    const worker = workerOf(inner, 'Worker', { environment: { HOST: host } });
    worker.addEventSource(new SqsEventSource(queueOf(inner), { maxConcurrency: 5 }));
    expect(findings(app)).toEqual([]);
  });

  it('two stages with the same names are judged apart', () => {
    const app = emptyApp();
    for (const name of ['Test', 'Live']) {
      const stack = new Stack(new Stage(app, name), 'Shop');
      scattered({ server: stack, queue: stack, worker: stack });
    }
    expect(findings(app).map((one) => one.replace(/:.*/, ''))).toEqual([
      'MaxConnections error Live/Shop/Server',
      'MaxConnections error Test/Shop/Server',
      'Visibility error Live/Shop/Orders',
      'Visibility error Test/Shop/Orders',
    ]);
  });
});

describe('the function of a mapping', () => {
  const byName = (nameOf: (worker: LambdaFunction, stack: Stack) => string) => {
    const app = emptyApp();
    const stack = new Stack(app, 'Shop');
    const server = serverOf(stack, vpcOf(stack));
    const worker = workerOf(stack, 'Worker', { environment: { HOST: server.instanceEndpoint.hostname } });
    new CfnResource(stack, 'Mapping', {
      type: 'AWS::Lambda::EventSourceMapping',
      properties: {
        EventSourceArn: queueOf(stack, hidden59).queueArn,
        FunctionName: nameOf(worker, stack),
        ScalingConfig: { MaximumConcurrency: 5 },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    });
    return findings(app);
  };

  it.each<[string, (worker: LambdaFunction, stack: Stack) => string]>([
    ['its name', (worker) => (worker.node.defaultChild as CfnFunction).ref],
    ['its ARN', (worker) => worker.functionArn],
    ['a version', (worker) => (worker.currentVersion as IFunction).functionArn],
    [
      'an alias',
      (worker, stack) =>
        new Alias(stack, 'Live', { aliasName: 'live', version: worker.currentVersion as IVersion })
          .functionArn,
    ],
    [
      'the name of an alias',
      (worker, stack) =>
        new Alias(stack, 'Live', { aliasName: 'live', version: worker.currentVersion as IVersion })
          .functionName,
    ],
  ])('the function of a mapping is found by %s', (_, nameOf) => {
    expect(byName(nameOf)).toEqual([expect.stringMatching(/^Visibility error Shop\/Orders: /)]);
  });

  it('a function outside the templates is reported as unknown', () => {
    expect(byName(() => 'arn:aws:lambda:us-east-1:000000000000:function:other')).toEqual([
      'Unknown info Shop/Mapping: not judged by any rule: the function of Shop/Mapping is not in these templates',
    ]);
  });

  it('an alias that refers to itself does not break the synthesis', () => {
    const found = byName((_, stack) => {
      const alias = new CfnResource(stack, 'Live', { type: 'AWS::Lambda::Alias', properties: {} });
      alias.addPropertyOverride('FunctionName', { Ref: 'Live' });
      return alias.ref;
    });
    expect(found).toEqual([
      expect.stringContaining('the function of Shop/Mapping is not in these templates'),
    ]);
  });
});

describe('the queue of a mapping', () => {
  it('a queue outside the templates is reported as unknown, and its mapping is judged', () => {
    const app = emptyApp();
    const stack = new Stack(app, 'Shop');
    const server = serverOf(stack, vpcOf(stack));
    const worker = workerOf(stack, 'Worker', { environment: { HOST: server.instanceEndpoint.hostname } });
    const queue = Queue.fromQueueArn(stack, 'Imported', 'arn:aws:sqs:us-east-1:000000000000:orders');
    worker.addEventSource(new SqsEventSource(queue, { maxConcurrency: 6, reportBatchItemFailures: true }));
    expect(findings(app)).toEqual([
      expect.stringMatching(/^Ceiling error Shop\/Worker: .*6 > 5/),
      expect.stringMatching(
        /^Unknown info Shop\/Worker\/SqsEventSource\S+: not judged by Visibility, Receives, FewReceives, Redrive, QueueType: the queue of .* is not in these templates/,
      ),
    ]);
  });

  it('mappings of streams are not judged', () => {
    const app = emptyApp();
    const stack = new Stack(app, 'Shop');
    const server = serverOf(stack, vpcOf(stack));
    const worker = workerOf(stack, 'Worker', { environment: { HOST: server.instanceEndpoint.hostname } });
    new CfnResource(stack, 'Mapping', {
      type: 'AWS::Lambda::EventSourceMapping',
      properties: {
        EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/clicks',
        FunctionName: worker.functionName,
        StartingPosition: 'LATEST',
      },
    });
    expect(findings(app)).toEqual([]);
  });
});
