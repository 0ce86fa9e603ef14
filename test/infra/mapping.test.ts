import { Stack } from 'aws-cdk-lib';
import { EventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';
import type { PipelineStack } from '../../lib/stacks/pipeline.ts';
import { one } from './reading.ts';
import { plain, stageApp, synthesise } from './synthesis.ts';

const { pipeline } = synthesise();

describe('the mapping from ImageJobs to process', () => {
  const mapping = one(pipeline, 'AWS::Lambda::EventSourceMapping').Properties;

  it('reads ImageJobs for process', () => {
    const queue = one(pipeline, 'AWS::SQS::Queue', 'ImageJobs').id;
    const target = one(pipeline, 'AWS::Lambda::Function', 'process').id;
    expect(mapping.EventSourceArn).toEqual({ 'Fn::GetAtt': [queue, 'Arn'] });
    expect(mapping.FunctionName).toEqual({ Ref: target });
  });

  it('hands over ten messages at once and does not wait for more', () => {
    expect(mapping.BatchSize).toBe(10);
    expect(mapping.MaximumBatchingWindowInSeconds).toBe(0);
  });

  it('takes partial batch responses', () => {
    expect(mapping.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
  });

  it('starts no more executions than are reserved for process', () => {
    const reserved = one(pipeline, 'AWS::Lambda::Function', 'process').Properties
      .ReservedConcurrentExecutions;
    expect(mapping.ScalingConfig).toEqual({ MaximumConcurrency: 8 });
    expect(reserved).toBe(8);
  });
});

describe('a second mapping to process', () => {
  function withSecond(reservedConcurrency: boolean, maxConcurrency?: number) {
    const config = { ...plain, deploy: { reservedConcurrency } };
    const app = stageApp(config);
    const stack = app.node
      .findAll()
      .find((one): one is PipelineStack => Stack.isStack(one) && one.node.id.endsWith('Pipeline'));
    const target = stack?.pipeline.functions.process as LambdaFunction;
    new EventSourceMapping(stack as PipelineStack, 'Second', {
      target,
      eventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:other',
      ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
    });
    return app;
  }

  it('fails synthesis with the arithmetic, because together they start more than is reserved', () => {
    expect(() => withSecond(true, 4).synth()).toThrow('8 + 4 = 12 > 8');
  });

  it('counts as a thousand where it has no maximum', () => {
    expect(() => withSecond(true).synth()).toThrow('8 + 1000 = 1008 > 8');
  });

  it('is nobody’s business where nothing is reserved', () => {
    expect(() => withSecond(false, 4).synth()).not.toThrow();
  });
});
