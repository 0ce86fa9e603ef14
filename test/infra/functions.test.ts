import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { environmentOf, readEnvironment } from '../../lambda/runtime/environment.ts';
import { environmentParts } from '../../lambda/runtime/environment-parts.ts';
import { catalogue, type FunctionName } from '../../lib/catalogue/catalogue.ts';
import { one, text } from './reading.ts';
import { synthesise } from './synthesis.ts';

const { data, pipeline } = synthesise();
const names = Object.keys(catalogue) as FunctionName[];
/** It calls addresses of the internet, and nothing inside the network. */
const outside: FunctionName[] = ['deliver'];
const functionOf = (name: string) => one(pipeline, 'AWS::Lambda::Function', `Functions${name}Function`);

describe.each(names)('the function %s', (name) => {
  const { Properties: properties } = functionOf(name);

  it('the function runs on Node 24 and arm64', () => {
    expect(properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
    });
  });

  it('the function receives every variable that it reads', () => {
    const variables = (properties.Environment as { Variables: Record<string, unknown> }).Variables;
    // Values known only at deployment have another shape.
    const deployed: Record<string, string> = {
      DATABASE_PORT: '5432',
      ...Object.fromEntries(
        [
          'NUDGES',
          'DELIVERIES',
          'DELIVERY_RESULTS',
          'ANALYTICS_EVENTS',
          'AUDIT_EVENTS',
          'REFUSED_EVENTS',
        ].map((queue) => [`${queue}_QUEUE_URL`, `https://sqs.us-east-1.amazonaws.com/000000000000/${queue}`]),
      ),
      JOBS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/jobs',
      DEAD_LETTERS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/dead-letters',
    };
    const values = Object.fromEntries(
      Object.entries(variables).map(([variable, value]) => [variable, deployed[variable] ?? text(value)]),
    );
    const environment = environmentOf(...catalogue[name].environment.map((part) => environmentParts[part]));
    expect(() => readEnvironment(environment, values)).not.toThrow();
    expect(Object.keys(variables).filter((one) => !(one in environment.schema.shape))).toEqual([]);
  });

  it('the function writes to its own log group with a retention of a year', () => {
    const logs = one(pipeline, 'AWS::Logs::LogGroup', `Functions${name}Logs`);
    expect(properties.LoggingConfig).toEqual({ LogGroup: { Ref: logs.id } });
    expect(logs.Properties.RetentionInDays).toBe(365);
  });
});

describe('reserved concurrency', () => {
  it.each([
    ['api', 20],
    ['process', 8],
    ['sweep', 1],
    ['export', 2],
    ['exportjob', 1],
    ['relay', 2],
    ['dispatch', 2],
    ['analytics', 2],
    ['audit', 2],
    // Its share of the connections.
    ['migrate', 1],
    ['operate', 1],
  ])('the reserved concurrency of %s is %i', (name, reserved) => {
    expect(functionOf(name).Properties.ReservedConcurrentExecutions).toBe(reserved);
  });

  it('enqueue reserves concurrency only if configured', () => {
    expect(functionOf('enqueue').Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    const asked = synthesise({ enqueue: { maxConcurrency: 25 } }).pipeline;
    expect(one(asked, 'AWS::Lambda::Function', 'enqueue').Properties.ReservedConcurrentExecutions).toBe(25);
  });

  it('reservedConcurrency: false reserves none and keeps the cap of the mapping', () => {
    const { pipeline } = synthesise({ deploy: { reservedConcurrency: false } });
    for (const one of Object.values(pipeline.findResources('AWS::Lambda::Function')))
      expect(one.Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    expect(
      one(pipeline, 'AWS::Lambda::EventSourceMapping', 'ImagesMapping').Properties.ScalingConfig,
    ).toEqual({
      MaximumConcurrency: 8,
    });
  });
});

describe('the network of the functions', () => {
  const network = data as Template;
  const properties = (type: string) =>
    Object.values(network.findResources(type)).map((found) => found.Properties);
  /** The resource of the data stack that an import of the pipeline stack refers to. */
  const imported = (value: unknown) => {
    const { Outputs } = network.toJSON() as { Outputs: Record<string, { Value: unknown }> };
    const [, name = ''] = /^<import SluiceProdData:(\w+)>$/.exec(text(value)) ?? [];
    return text(Outputs[name]?.Value);
  };

  it.each(outside)('%s has no network and no database', (name) => {
    const { VpcConfig, Environment } = functionOf(name).Properties;
    expect(VpcConfig).toBeUndefined();
    expect(JSON.stringify(Environment)).not.toContain('DATABASE_');
  });

  it.each(names.filter((name) => !outside.includes(name)))(
    '%s runs in the network without a route out',
    (name) => {
      const { SubnetIds, SecurityGroupIds } = functionOf(name).Properties.VpcConfig as Record<
        string,
        unknown[]
      >;
      const subnets = Object.keys(network.findResources('AWS::EC2::Subnet')).map((id) => `<${id}>`);
      expect(SubnetIds?.map(imported).sort()).toEqual(subnets.sort());
      expect(subnets).toHaveLength(2);
      const group = one(network, 'AWS::EC2::SecurityGroup', 'Functions').id;
      expect(SecurityGroupIds?.map(imported)).toEqual([`<${group}.GroupId>`]);

      // Each subnet has its own route table without added routes, and the default route is local.
      const tables = properties('AWS::EC2::SubnetRouteTableAssociation').map(({ SubnetId }) =>
        text(SubnetId),
      );
      expect(tables.sort()).toEqual(subnets);
      expect(properties('AWS::EC2::Route')).toEqual([]);
      for (const { MapPublicIpOnLaunch } of properties('AWS::EC2::Subnet'))
        expect(MapPublicIpOnLaunch).toBe(false);
      for (const type of [
        'InternetGateway',
        'NatGateway',
        'EgressOnlyInternetGateway',
        'TransitGatewayAttachment',
      ])
        expect(properties(`AWS::EC2::${type}`)).toEqual([]);
    },
  );
});

describe('connection limits', () => {
  it('migrate receives the connection limits of the budget', () => {
    expect(functionOf('migrate').Properties.Environment).toMatchObject({
      Variables: {
        DATABASE_ROLES: JSON.stringify({
          sluice_api: { connections: 40, persistent: true },
          sluice_export: { connections: 2, persistent: false },
          sluice_exportjob: { connections: 1, persistent: false },
          sluice_process: { connections: 8, persistent: false },
          sluice_sweep: { connections: 2, persistent: false },
          sluice_relay: { connections: 2, persistent: false },
          sluice_dispatch: { connections: 2, persistent: false },
          sluice_analytics: { connections: 2, persistent: false },
          sluice_audit: { connections: 2, persistent: false },
          sluice_operate: { connections: 1, persistent: false },
        }),
      },
    });
  });
});

describe('failed upload events', () => {
  it('a failed upload event is tried three times and then kept in a queue', () => {
    const queue = one(pipeline, 'AWS::SQS::Queue', 'FailedUploadEvents').id;
    const config = one(pipeline, 'AWS::Lambda::EventInvokeConfig', 'FailedUploadEvents');
    expect(config.Properties).toEqual({
      FunctionName: { Ref: functionOf('enqueue').id },
      Qualifier: 'live',
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 21_600,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [queue, 'Arn'] } } },
    });
    expect(config.DependsOn).toContain(one(pipeline, 'AWS::Lambda::Alias', 'enqueue').id);
  });
});
