import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { ownDatabase } from '../../lib/data/database.ts';
import { ImagePipeline, SecondEventBus, type SluiceConfig } from '../../lib/sluice.ts';
import { one, rights, text } from './reading.ts';
import { appProps, plain, synthesise, unbuilt } from './synthesis.ts';

/* Ready events exist only in pipelines that enable them. */

/** A pipeline in another app. */
function shop(listen: (pipeline: ImagePipeline, stack: Stack) => void, deploy: SluiceConfig['deploy'] = {}) {
  const stack = new Stack(new App(appProps()), 'Shop');
  const config: SluiceConfig = { ...plain, deploy };
  const pipeline = new ImagePipeline(stack, 'Photos', { config, functions: unbuilt(config) });
  listen(pipeline, stack);
  return Template.fromStack(stack);
}

const variables = (template: Template, name = 'process') =>
  (
    one(template, 'AWS::Lambda::Function', `Functions${name}`).Properties.Environment as {
      Variables: Record<string, unknown>;
    }
  ).Variables;
const mayPut = (template: Template, name = 'process') =>
  rights(template, `Functions${name}Role`).filter((right) => right.startsWith('events:'));
const endpoints = (template: Template) =>
  Object.values(template.findResources('AWS::EC2::VPCEndpoint')).filter(({ Properties }) =>
    text(Properties.ServiceName).endsWith('.events'),
  );
/** Rules other than schedules. */
const rules = (template: Template) =>
  Object.values(template.findResources('AWS::Events::Rule'))
    .map(({ Properties }) => Properties)
    .filter(({ EventPattern }) => EventPattern !== undefined);
const nothing = (template: Template) => ({
  bus: 'READY_EVENTS_BUS' in variables(template),
  rights: mayPut(template).length,
  endpoints: endpoints(template).length,
  rules: rules(template).length,
});

// With exactOptionalPropertyTypes the class does not fit its own interface.
const busOf = (stack: Stack) => new EventBus(stack, 'Bus') as IEventBus;
const here = 'arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus';

describe('a pipeline without ready events', () => {
  it('without onReady there is no rule, permission, variable or endpoint', () => {
    const none = { bus: false, rights: 0, endpoints: 0, rules: 0 };
    expect(nothing(shop(() => {}))).toEqual(none);
    const { data, pipeline } = synthesise();
    expect({ ...nothing(pipeline), endpoints: endpoints(data as Template).length }).toEqual(none);
  });
});

describe('onReady', () => {
  const queue = (stack: Stack) => new Queue(stack, 'Ready');
  const template = shop((pipeline, stack) => {
    pipeline.onReady('ToQueue', { target: new SqsQueue(queue(stack)) });
    // A target may be added later, and repeated calls add nothing.
    pipeline.onReady('Other', { eventPattern: { detail: { tenant: ['acme'] } } });
  });

  it('onReady creates a rule on the default bus for the images of this pipeline', () => {
    const [toQueue, other] = rules(template);
    expect(toQueue).toMatchObject({
      EventPattern: {
        source: ['sluice'],
        'detail-type': ['Image ready'],
        detail: { bucket: [expect.anything()] },
      },
      Targets: [{ Arn: { 'Fn::GetAtt': [expect.stringMatching(/^Ready/), 'Arn'] } }],
    });
    // The name that process puts into its events.
    expect(toQueue?.EventPattern.detail.bucket).toEqual([variables(template).BUCKET_NAME]);
    expect(toQueue).not.toHaveProperty('EventBusName');
    expect(other?.EventPattern.detail).toMatchObject({ tenant: ['acme'], bucket: [expect.anything()] });
  });

  it('only process may send this kind of event to this bus', () => {
    expect(variables(template)).toMatchObject({ READY_EVENTS_BUS: 'default' });
    expect(mayPut(template)).toEqual([`events:PutEvents ${here}/default`]);
    for (const other of ['api', 'enqueue', 'sweep', 'migrate', 'operate']) {
      expect(mayPut(template, other)).toEqual([]);
      expect(variables(template, other)).not.toHaveProperty('READY_EVENTS_BUS');
    }
    const policies = JSON.stringify(template.findResources('AWS::IAM::ManagedPolicy'));
    expect(policies).toContain(
      '"StringEquals":{"events:source":"sluice","events:detail-type":"Image ready"}',
    );
  });

  it('onReady opens the pipeline’s own network to the account’s event buses only', () => {
    const [endpoint, ...more] = endpoints(template);
    expect(more).toEqual([]);
    const [statement] = endpoint?.Properties.PolicyDocument.Statement ?? [];
    expect(statement).toMatchObject({
      Action: 'events:PutEvents',
      Condition: {
        StringEquals: {
          'aws:PrincipalAccount': { Ref: 'AWS::AccountId' },
          'aws:ResourceAccount': { Ref: 'AWS::AccountId' },
        },
      },
    });
    expect(text(statement.Resource)).toBe(`${here}/*`);
  });

  it('onReady accepts a custom bus', () => {
    const own = shop((pipeline, stack) => {
      const eventBus = busOf(stack);
      pipeline.onReady('First', { eventBus });
      pipeline.onReady('Second', { eventBus });
      pipeline.onReady('Third');
    });
    const bus = one(own, 'AWS::Events::EventBus').id;
    expect(rules(own).map(({ EventBusName }) => text(EventBusName))).toEqual(Array(3).fill(`<${bus}>`));
    expect(text(variables(own).READY_EVENTS_BUS)).toBe(`<${bus}.Arn>`);
    expect(mayPut(own)).toEqual([`events:PutEvents <${bus}.Arn>`]);
  });

  it('onReady rejects a second bus', () => {
    shop((pipeline, stack) => {
      pipeline.onReady('First');
      expect(() => pipeline.onReady('Second', { eventBus: busOf(stack) })).toThrow(SecondEventBus);
    });
  });

  it('onReady accepts the default bus by its name', () => {
    const template = shop((pipeline, stack) => {
      pipeline.onReady('First');
      pipeline.onReady('Second', { eventBus: EventBus.fromEventBusName(stack, 'Default', 'default') });
    });
    expect(rules(template)).toHaveLength(2);
    expect(mayPut(template)).toEqual([`events:PutEvents ${here}/default`]);
  });

  it('onReady with a target of another stack that names the pipeline causes no cycle', () => {
    const stack = new Stack(new App(appProps()), 'Shop');
    const pipeline = new ImagePipeline(stack, 'Photos', { config: plain, functions: unbuilt(plain) });
    const other = new Stack(stack.node.root as App, 'Index');
    const ready = queue(other);

    new CfnOutput(other, 'Purpose', { value: pipeline.bucket.bucketName });
    pipeline.onReady('Ready', { target: new SqsQueue(ready), crossStackScope: ready });
    expect(rules(Template.fromStack(other))).toHaveLength(1);
    expect(nothing(Template.fromStack(stack))).toMatchObject({ bus: true, rules: 0 });
  });

  it('a network shared by two pipelines gets one endpoint for events', () => {
    const stack = new Stack(new App(appProps()), 'Shop');
    const { settings: database } = ownDatabase(stack, resolveConfig(plain));
    for (const id of ['Photos', 'Avatars'])
      new ImagePipeline(stack, id, { config: plain, database, functions: unbuilt(plain) }).onReady('Ready');
    const shared = Template.fromStack(stack);
    expect(endpoints(shared)).toHaveLength(1);
    const buckets = rules(shared).map(({ EventPattern }) => JSON.stringify(EventPattern.detail.bucket));
    expect(new Set(buckets).size).toBe(2);
  });

  it('onReady adds no endpoint to an existing network', () => {
    const connection = {
      host: 'postgres.internal',
      name: 'photos',
      owner: {
        user: 'owner',
        secretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:owner-AbCdEf',
      },
      roles: { auth: 'iam' as const, resourceId: 'db-ABC' },
      network: {
        vpcId: 'vpc-1',
        availabilityZones: ['eu-central-1a'],
        subnetIds: ['subnet-1'],
        securityGroupIds: ['sg-1'],
      },
    };
    const stack = new Stack(new App(appProps()), 'Shop');
    const config: SluiceConfig = { ...plain, database: { connection } };
    const pipeline = new ImagePipeline(stack, 'Photos', { config, functions: unbuilt(config) });
    pipeline.onReady('Ready');
    const there = Template.fromStack(stack);
    expect(nothing(there)).toEqual({ bus: true, rights: 1, endpoints: 0, rules: 1 });
  });
});

describe('deploy.readyEvents', () => {
  it('deploy.readyEvents sends to the default bus without a rule, and adds an endpoint to the data stack’s network', () => {
    const { data, pipeline } = synthesise({ deploy: { readyEvents: true } });
    expect(nothing(pipeline)).toEqual({ bus: true, rights: 1, endpoints: 0, rules: 0 });
    expect(endpoints(data as Template)).toHaveLength(1);
  });

  it('onReady uses the bus of deploy.readyEvents', () => {
    const template = shop((pipeline) => pipeline.onReady('Ready'), { readyEvents: true });
    expect(nothing(template)).toEqual({ bus: true, rights: 1, endpoints: 1, rules: 1 });
  });
});
