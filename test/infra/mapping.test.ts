import { App, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { type CfnFunction, EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';
import type { PipelineFunction } from '../../lib/compute/pipeline-function.ts';
import { PipelineStack } from '../../lib/stacks/pipeline.ts';
import { elsewhere, ownStack, pipelineIn } from './own-app.ts';
import { one, text } from './reading.ts';
import { appProps, plain, stageApp, synthesise } from './synthesis.ts';

const { pipeline } = synthesise();

describe('the mapping from ImageJobs to process', () => {
  const mapping = one(pipeline, 'AWS::Lambda::EventSourceMapping', 'ImagesMapping').Properties;

  it('the mapping reads ImageJobs for the live version of process', () => {
    const queue = one(pipeline, 'AWS::SQS::Queue', 'ImageJobs').id;
    const target = one(pipeline, 'AWS::Lambda::Alias', 'Functionsprocess').id;
    expect(mapping.EventSourceArn).toEqual({ 'Fn::GetAtt': [queue, 'Arn'] });
    // The function's name, taken from the alias's ARN, and `:live`.
    expect(text(mapping.FunctionName)).toMatch(new RegExp(`"${target}".*:live$`));
  });

  it('the mapping delivers four messages at once, 32 in all, without waiting for more', () => {
    expect(mapping.BatchSize).toBe(4);
    expect(mapping.MaximumBatchingWindowInSeconds).toBe(0);
  });

  it('the mapping accepts partial batch responses', () => {
    expect(mapping.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
  });

  it('the mapping starts no more executions than are reserved for process', () => {
    const reserved = one(pipeline, 'AWS::Lambda::Function', 'process').Properties
      .ReservedConcurrentExecutions;
    expect(mapping.ScalingConfig).toEqual({ MaximumConcurrency: 8 });
    expect(reserved).toBe(8);
  });
});

describe('a cap and batch too small for fair queues', () => {
  function warnings(process: object) {
    const stack = ownStack();
    pipelineIn(stack, { ...elsewhere, process });
    const text = Match.stringLikeRegexp('by which SQS recognises a noisy one');
    return Annotations.fromStack(stack).findWarning('*', text);
  }

  it('synthesis warns of them, and not of the default', () => {
    expect(warnings({})).toEqual([]);
    const [warning, ...others] = warnings({ batchSize: 3 });
    expect(warning?.entry.data).toContain('= 24 < 30');
    expect(others).toEqual([]);
  });
});

describe('a second mapping to process', () => {
  type Target = (process: PipelineFunction) => IFunction;
  const live: Target = ({ alias }) => alias;

  function withSecond(reservedConcurrency: boolean, maxConcurrency?: number, target = live) {
    const config = { ...plain, deploy: { reservedConcurrency } };
    const app = stageApp(config);
    const stack = app.node.findAll().find((one) => one instanceof PipelineStack) as PipelineStack;
    new EventSourceMapping(stack, 'Second', {
      target: target(stack.pipeline.functions.process),
      eventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:other',
      reportBatchItemFailures: true,
      ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
    });
    return app;
  }

  it.each<[string, Target]>([
    ['its alias', live],
    ['the function itself', (process) => process.function],
    ['a version of it', (process) => process.function.currentVersion as IFunction],
    ['another alias', (process) => process.function.addAlias('other') as IFunction],
  ])(
    'a second mapping by %s fails synth with the arithmetic, because the sum exceeds the reserved concurrency',
    (_, target) => {
      expect(() => withSecond(true, 4, target).synth()).toThrow('8 + 4 = 12 > 8');
    },
  );

  it('a second mapping in another stack counts too', () => {
    const app = stageApp({ ...plain, deploy: { reservedConcurrency: true } });
    const stack = app.node.findAll().find((one) => one instanceof PipelineStack) as PipelineStack;
    new EventSourceMapping(new Stack(app, 'Beside'), 'Second', {
      target: stack.pipeline.functions.process.alias,
      eventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:other',
      maxConcurrency: 4,
    });
    expect(() => app.synth()).toThrow('8 + 4 = 12 > 8');
  });

  it('a mapping without a maximum counts as 1,250', () => {
    expect(() => withSecond(true).synth()).toThrow('8 + 1250 = 1258 > 8');
  });

  it('without reserved concurrency a second mapping is accepted', () => {
    expect(() => withSecond(false, 4).synth()).not.toThrow();
  });
});

describe('two pipelines of one app', () => {
  it.each<[string, (app: App, id: string) => App | Stage]>([
    ['stacks', (app) => app],
    ['stages', (app, id) => new Stage(app, id)],
  ])('two pipelines in two %s have the same logical ids and are independent', (_, within) => {
    const app = new App(appProps());
    for (const id of ['First', 'Second']) pipelineIn(new Stack(within(app, id), `${id}Shop`));
    expect(() => app.synth()).not.toThrow();
  });
});

describe('another consumer of ImageJobs', () => {
  it.each(['the same stack', 'another stack'])(
    'another consumer of ImageJobs in %s fails synth, because process would miss its messages',
    (where) => {
      const stack = ownStack();
      const { jobs, functions } = pipelineIn(stack);
      new EventSourceMapping(
        where === 'the same stack' ? stack : new Stack(stack.node.root as App, 'Other'),
        'Rival',
        {
          target: functions.sweep.alias,
          eventSourceArn: jobs.queue.queueArn,
        },
      );
      expect(() => (stack.node.root as App).synth()).toThrow('Rival/Resource would take jobs from process');
    },
  );
});

it('a function that reserves less than its mapping may start fails synth with the arithmetic', () => {
  const stack = ownStack();
  const { functions } = pipelineIn(stack);
  (functions.process.function.node.defaultChild as CfnFunction).reservedConcurrentExecutions = 3;
  expect(() => (stack.node.root as App).synth()).toThrow('8 > 3');
});
