import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { ownDatabase } from '../../lib/data/database.ts';
import { ImagePipeline, type SluiceConfig } from '../../lib/sluice.ts';
import { one, rights, text } from './reading.ts';
import { appProps, plain, synthesise, unbuilt } from './synthesis.ts';

/* A pipeline has an event bus of its own, unless it is turned off, and sends to others on demand. */

/** A pipeline in another app. */
function shop(listen: (pipeline: ImagePipeline, stack: Stack) => void, more: Partial<SluiceConfig> = {}) {
  const stack = new Stack(new App(appProps()), 'Shop');
  const config: SluiceConfig = { ...plain, ...more };
  const pipeline = new ImagePipeline(stack, 'Photos', { config, functions: unbuilt(config) });
  listen(pipeline, stack);
  return Template.fromStack(stack);
}
const silent: Partial<SluiceConfig> = { events: { eventBridge: false } };

const variables = (template: Template, name = 'relay') =>
  (
    one(template, 'AWS::Lambda::Function', `Functions${name}`).Properties.Environment as {
      Variables: Record<string, unknown>;
    }
  ).Variables;
const buses = (template: Template) => text(variables(template).EVENT_BUSES);
const mayPut = (template: Template, name = 'relay') =>
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

// With exactOptionalPropertyTypes the class does not fit its own interface.
const busOf = (stack: Stack) => new EventBus(stack, 'Bus') as IEventBus;
const here = 'arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus';

describe('the bus of a pipeline', () => {
  const template = shop(() => {});
  const own = one(template, 'AWS::Events::EventBus').id;

  it('exists by default, with an archive of the events of images', () => {
    expect(buses(template)).toBe(`<${own}.Arn>`);
    expect(one(template, 'AWS::Events::Archive').Properties).toMatchObject({
      SourceArn: { 'Fn::GetAtt': [own, 'Arn'] },
      EventPattern: { source: ['sluice'] },
      RetentionDays: 30,
    });
    expect(rules(template)).toEqual([]);
  });

  it('is sent to by relay only, and with events of images only', () => {
    expect(mayPut(template)).toEqual([`events:PutEvents <${own}.Arn>`]);
    for (const other of ['api', 'enqueue', 'process', 'sweep', 'migrate', 'operate']) {
      expect(mayPut(template, other)).toEqual([]);
      expect(variables(template, other)).not.toHaveProperty('EVENT_BUSES');
    }
    const policies = JSON.stringify(template.findResources('AWS::IAM::ManagedPolicy'));
    expect(policies).toContain(
      '"StringEquals":{"events:source":"sluice","events:detail-type":["image.admitted","image.ready",' +
        '"image.rejected","image.failed","image.superseded","image.deleted","image.expired","Image ready"]}',
    );
  });

  it('is reached from the pipeline’s own network by an endpoint for the account’s event buses only', () => {
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
    expect(endpoints(synthesise().data as Template)).toHaveLength(1);
  });

  it('can be turned off: then there is no bus, permission, variable or endpoint', () => {
    const off = shop(() => {}, silent);
    expect(off.findResources('AWS::Events::EventBus')).toEqual({});
    expect(off.findResources('AWS::Events::Archive')).toEqual({});
    expect(variables(off)).not.toHaveProperty('EVENT_BUSES');
    expect([mayPut(off), endpoints(off), rules(off)]).toEqual([[], [], []]);
  });

  it('outlives its stack with `removal: retain` only as its archive', () => {
    const policyOf = (template: Template) => one(template, 'AWS::Events::Archive').DeletionPolicy;
    expect(policyOf(template)).toBe('RetainExceptOnCreate');
    expect(policyOf(shop(() => {}, { deploy: { removal: 'destroy' } }))).not.toBe('RetainExceptOnCreate');
  });
});

describe('onReady', () => {
  const queue = (stack: Stack) => new Queue(stack, 'Ready');
  const template = shop((pipeline, stack) => {
    pipeline.onReady('ToQueue', { target: new SqsQueue(queue(stack)) });
    // A target may be added later, and repeated calls add nothing.
    pipeline.onReady('Other', { eventPattern: { detail: { tenant: ['acme'] } } });
  });
  const own = one(template, 'AWS::Events::EventBus').id;

  it('creates a rule on the pipeline’s bus for its ready images', () => {
    const [toQueue, other] = rules(template);
    expect(toQueue).toMatchObject({
      EventPattern: { source: ['sluice'], 'detail-type': ['image.ready'], resources: [expect.anything()] },
      Targets: [{ Arn: { 'Fn::GetAtt': [expect.stringMatching(/^Ready/), 'Arn'] } }],
    });
    expect(text(toQueue?.EventBusName)).toBe(`<${own}>`);
    // The ARN that relay puts into its events.
    expect(toQueue?.EventPattern.resources).toEqual([variables(template).EVENT_BUCKET_ARN]);
    expect(other?.EventPattern.detail).toEqual({ tenant: ['acme'] });
    expect(buses(template)).toBe(`<${own}.Arn>`);
  });

  it('uses the default bus where the pipeline has none', () => {
    const off = shop((pipeline) => {
      pipeline.onReady('First');
      pipeline.onReady('Second');
    }, silent);
    expect(variables(off)).toMatchObject({ EVENT_BUSES: expect.anything() });
    expect(rules(off).map((rule) => 'EventBusName' in rule)).toEqual([false, false]);
    expect(mayPut(off)).toEqual([`events:PutEvents ${here}/default`]);
    expect(endpoints(off)).toHaveLength(1);
  });

  it('accepts buses, each of which gets the events once', () => {
    const more = shop((pipeline, stack) => {
      const eventBus = busOf(stack);
      pipeline.onReady('First', { eventBus });
      pipeline.onReady('Second', { eventBus });
      pipeline.onReady('Third');
    });
    const names = Object.keys(more.findResources('AWS::Events::EventBus')).map((id) => `<${id}>`);
    expect(rules(more).map(({ EventBusName }) => text(EventBusName))).toEqual(expect.arrayContaining(names));
    expect(mayPut(more)).toHaveLength(2);
    expect(buses(more).split(',')).toHaveLength(2);
  });

  it('with a target of another stack that names the pipeline causes no cycle', () => {
    const stack = new Stack(new App(appProps()), 'Shop');
    const pipeline = new ImagePipeline(stack, 'Photos', { config: plain, functions: unbuilt(plain) });
    const other = new Stack(stack.node.root as App, 'Index');
    const ready = queue(other);

    new CfnOutput(other, 'Purpose', { value: pipeline.bucket.bucketName });
    pipeline.onReady('Ready', { target: new SqsQueue(ready), crossStackScope: ready });
    expect(rules(Template.fromStack(other))).toHaveLength(1);
    expect(rules(Template.fromStack(stack))).toHaveLength(0);
  });

  it('a network shared by two pipelines has one endpoint for events', () => {
    const stack = new Stack(new App(appProps()), 'Shop');
    const { settings: database } = ownDatabase(stack, resolveConfig(plain));
    for (const id of ['Photos', 'Avatars'])
      new ImagePipeline(stack, id, { config: plain, database, functions: unbuilt(plain) }).onReady('Ready');
    const shared = Template.fromStack(stack);
    expect(endpoints(shared)).toHaveLength(1);
    const buckets = rules(shared).map(({ EventPattern }) => JSON.stringify(EventPattern.resources));
    expect(new Set(buckets).size).toBe(2);
  });

  it('adds no endpoint to an existing network', () => {
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
    const there = shop((pipeline) => pipeline.onReady('Ready'), { database: { connection } });
    expect([mayPut(there).length, endpoints(there).length, rules(there).length]).toEqual([1, 0, 1]);
  });
});

describe('deploy.readyEvents', () => {
  it('sends to the default bus too, in the form of before and without a rule', () => {
    const { data, pipeline } = synthesise({ deploy: { readyEvents: true } });
    expect(variables(pipeline)).toMatchObject({ READY_EVENTS_BUS: 'default' });
    expect(mayPut(pipeline)).toContain(`events:PutEvents ${here}/default`);
    expect(rules(pipeline)).toEqual([]);
    expect(endpoints(data as Template)).toHaveLength(1);
  });

  it('alone needs neither a bus nor a rule', () => {
    const template = shop(() => {}, { ...silent, deploy: { readyEvents: true } });
    expect(variables(template)).not.toHaveProperty('EVENT_BUSES');
    expect(mayPut(template)).toEqual([`events:PutEvents ${here}/default`]);
    expect(endpoints(template)).toHaveLength(1);
  });
});
