import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { type ISecurityGroup, type IVpc, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Alias, type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { DatabaseInstance } from 'aws-cdk-lib/aws-rds';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { ImagePipeline, type ImagePipelineProps } from '../../lib/image-pipeline.ts';
import { elsewhere, ownStack, pipelineIn } from './own-app.ts';
import { one, type Statement, text } from './reading.ts';
import { appProps } from './synthesis.ts';

const arn = 'arn:aws:s3:::pictures-of-the-shop';
const anotherStack = (stack: Stack, id: string) => new Stack(stack.node.root as App, id);
it('an existing key encrypts bucket, queues and log groups, and CloudWatch Logs may use it', () => {
  const stack = ownStack();
  const encryptionKey = new Key(anotherStack(stack, 'Keys'), 'Key') as IKey;
  pipelineIn(stack, elsewhere, { encryptionKey });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::KMS::Key', 0);
  const used = [
    ...Object.values(template.findResources('AWS::Logs::LogGroup')).map(
      ({ Properties }) => Properties.KmsKeyId,
    ),
    ...Object.values(template.findResources('AWS::SQS::Queue')).map(
      ({ Properties }) => Properties.KmsMasterKeyId,
    ),
  ];
  expect(used.length).toBeGreaterThan(8);
  expect(new Set(used.map((one) => JSON.stringify(one))).size).toBe(1);
  const policy = JSON.stringify(one(Template.fromStack(Stack.of(encryptionKey)), 'AWS::KMS::Key').Properties);
  expect(policy).toContain(':log-group:*');
  for (const service of ['s3', 'sqs']) expect(policy).toContain(`"${service}.`);
});

describe('a VPC of the app', () => {
  const natless = (stack: Stack) =>
    new Vpc(stack, 'Net', {
      natGateways: 0,
      subnetConfiguration: [{ name: 'inner', subnetType: SubnetType.PRIVATE_ISOLATED }],
    }) as IVpc;

  it('a VPC of the app contains the functions and our database, without endpoints, flow logs or a VPC of ours', () => {
    const stack = ownStack();
    const vpc = natless(stack);
    const pipeline = pipelineIn(stack, {}, { vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED } });
    const template = Template.fromStack(stack);
    expect(pipeline.vpc).toBe(vpc);
    for (const type of ['EC2::VPCEndpoint', 'EC2::FlowLog']) template.resourceCountIs(`AWS::${type}`, 0);
    template.resourceCountIs('AWS::EC2::VPC', 1);
    const inner = Object.keys(template.findResources('AWS::EC2::Subnet')).map((Ref) => ({ Ref }));
    expect(one(template, 'AWS::RDS::DBSubnetGroup').Properties.SubnetIds).toEqual(inner);
    expect(one(template, 'AWS::Lambda::Function', 'Functionsprocess').Properties.VpcConfig).toMatchObject({
      SubnetIds: inner,
    });
  });

  it('functions in a VPC of the app reach a database there, and synth reports the rule it needs', () => {
    const stack = ownStack();
    pipelineIn(stack, elsewhere, {
      vpc: natless(stack),
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
    });
    expect(one(Template.fromStack(stack), 'AWS::EC2::SecurityGroup').Properties.SecurityGroupEgress).toEqual([
      expect.objectContaining({ FromPort: 443 }),
      expect.objectContaining({ FromPort: 5432 }),
    ]);
    Annotations.fromStack(stack).hasInfo(
      '/Shop/Images/Existing',
      // The id of a group that the deploy creates is not known yet.
      Match.stringLikeRegexp(
        'The security group of db.example.com must allow the group Shop/Images/Existing/Functions on tcp 5432',
      ),
    );
  });
});

describe('a database by its address', () => {
  const network = {
    vpcId: 'vpc-1',
    availabilityZones: ['eu-central-1a'],
    subnetIds: ['subnet-1'],
    securityGroupIds: ['sg-1', 'sg-2'],
  };
  const at = (more: object): Partial<SluiceConfig> => {
    const connection = { ...elsewhere.database?.connection, port: 6432, network: { ...network, ...more } };
    return { database: { connection } as NonNullable<SluiceConfig['database']> };
  };

  it('a database given by address admits the functions if its security group is named', () => {
    const stack = ownStack();
    pipelineIn(stack, at({ databaseSecurityGroupId: 'sg-database' }));
    const rules = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress'));
    expect(rules.map(({ Properties }) => Properties)).toEqual(
      ['sg-1', 'sg-2'].map((SourceSecurityGroupId) => ({
        GroupId: 'sg-database',
        SourceSecurityGroupId,
        IpProtocol: 'tcp',
        FromPort: 6432,
        ToPort: 6432,
        Description: 'Postgres',
      })),
    );
    Annotations.fromStack(stack).hasNoInfo('*', Match.stringLikeRegexp('must let'));
  });

  it('synth reports the rule that a database given by address needs', () => {
    const stack = ownStack();
    pipelineIn(stack, at({}));
    Template.fromStack(stack).resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    Annotations.fromStack(stack).hasInfo(
      '/Shop/Images/Existing',
      Match.stringLikeRegexp('db.example.com must allow sg-1 and sg-2 on tcp 6432'),
    );
  });

  it('the settings of a database may be passed as constructs too', () => {
    const stack = ownStack();
    const vpc = new Vpc(stack, 'Net') as IVpc;
    const functions = new SecurityGroup(stack, 'Functions', { vpc, allowAllOutbound: false });
    const group = new SecurityGroup(stack, 'Database', { vpc });
    const first = pipelineIn(ownStack('Other')).database;
    pipelineIn(
      stack,
      {},
      {
        database: {
          ...first,
          owner: { user: 'owner', resourceId: 'db-X' },
          roles: { auth: 'iam', resourceId: 'db-X' },
          network: { vpc, subnets: {}, securityGroups: [functions as ISecurityGroup] },
          connections: group.connections,
        },
      },
    );
    const ingress = one(Template.fromStack(stack), 'AWS::EC2::SecurityGroupIngress').Properties;
    expect(ingress).toMatchObject({ FromPort: 5432, Description: 'Postgres' });
  });
});

describe('conflicting props', () => {
  it('conflicting props are reported all at once, with their paths', () => {
    const stack = ownStack();
    const vpcSubnets = { subnetType: SubnetType.PUBLIC };
    const config = { ...elsewhere, deploy: { migration: 'invoke' as const }, presets: {} };
    const database = pipelineIn(ownStack('Other')).database;
    const bucket = Bucket.fromBucketArn(stack, 'Pictures', arn);
    expect(() => new ImagePipeline(stack, 'Images', { config, vpcSubnets, database, bucket })).toThrow(
      [
        'The configuration of Shop/Images has 4 mistakes:',
        'database and config.database.connection: give only one',
        'vpcSubnets: requires vpc',
        'bucket and config.deploy.migration: the notification of an existing bucket needs a custom resource',
        'presets: needs at least one preset',
      ].join('\n  - '),
    );
  });
});

describe('resources that the pipeline cannot use', () => {
  const env = { account: '111122223333', region: 'eu-central-1' };
  const there = { account: '444455556666', region: 'us-east-1' };
  const keyArn = (region: string) => `arn:aws:kms:${region}:${env.account}:key/one`;
  const use = (made: (stack: Stack) => Partial<ImagePipelineProps>) => {
    const stack = new Stack(new App(appProps()), 'Shop', { env });
    return () => pipelineIn(stack, {}, made(stack));
  };

  it('resources of another account or region are reported with their paths', () => {
    const far = use((stack) => ({
      bucket: Bucket.fromBucketAttributes(stack, 'Pictures', { bucketArn: arn, ...there }),
      encryptionKey: Key.fromKeyArn(stack, 'Key', keyArn(there.region)),
      vpc: new Vpc(new Stack(stack.node.root as App, 'Far', { env: there }), 'Net') as IVpc,
    }));
    expect(far).toThrow(
      [
        'The configuration of Shop/Images has 4 mistakes:',
        'vpc: is in region us-east-1, but the pipeline is in eu-central-1',
        'bucket: is in account 444455556666, but the pipeline is in 111122223333',
        'bucket: is in region us-east-1, but the pipeline is in eu-central-1',
        'encryptionKey: is in region us-east-1, but the pipeline is in eu-central-1',
      ].join('\n  - '),
    );
  });

  it('resources of the same or an unknown account and region are accepted', () => {
    const near = use((stack) => ({
      bucket: Bucket.fromBucketArn(stack, 'Pictures', arn),
      encryptionKey: Key.fromKeyArn(stack, 'Key', keyArn(env.region)),
    }));
    expect(near).not.toThrow();
    expect(() =>
      pipelineIn(ownStack(), elsewhere, { encryptionKey: new Key(ownStack('Far'), 'Key') as IKey }),
    ).not.toThrow();
  });

  it('an alias of a key is reported, because policies do not accept it', () => {
    const encryptionKey = (stack: Stack) => Alias.fromAliasName(stack, 'Key', 'alias/pictures');
    expect(use((stack) => ({ encryptionKey: encryptionKey(stack) }))).toThrow('encryptionKey: is an alias');
    const bucket = (stack: Stack) =>
      Bucket.fromBucketAttributes(stack, 'Pictures', { bucketArn: arn, encryptionKey: encryptionKey(stack) });
    expect(use((stack) => ({ bucket: bucket(stack) }))).toThrow('bucket: its encryptionKey is an alias');
  });
});

describe('several pipelines of one stack', () => {
  it('two pipelines of one stack have separate resources', () => {
    const stack = new Stack(new App(appProps()), 'Shop');
    for (const id of ['Portraits', 'Landscapes']) pipelineIn(stack, {}, {}, id);
    Template.fromStack(stack).resourceCountIs('AWS::RDS::DBInstance', 2);
  });

  it.each(['the same stack', 'another stack'])(
    'two pipelines share a VPC, whose endpoints admit both: in %s',
    (where) => {
      const stack = ownStack();
      const vpc = pipelineIn(stack, {}, {}, 'First').vpc as IVpc;
      const there = where === 'the same stack' ? stack : anotherStack(stack, 'Other');
      pipelineIn(there, {}, { vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED } }, 'Second');
      const rules = Object.entries(Template.fromStack(there).findResources('AWS::EC2::SecurityGroupIngress'));
      const group = one(Template.fromStack(there), 'AWS::EC2::SecurityGroup', 'SecondNetworkFunctions').id;
      expect(
        rules
          .filter(([, { Properties }]) => Properties.FromPort === 443)
          .map(([, { Properties }]) => text(Properties.SourceSecurityGroupId)),
      ).toContain(`<${group}.GroupId>`);
    },
  );

  describe.each(['the same stack', 'another stack'])(
    'two pipelines in %s, one in the VPC of the other',
    (where) => {
      const stack = ownStack();
      const vpc = pipelineIn(stack, {}, {}, 'First').vpc as IVpc;
      const there = where === 'the same stack' ? stack : anotherStack(stack, 'Other');
      const bucket = new Bucket(there, 'Pictures', { versioned: true }) as IBucket;
      const secret = new Secret(there, 'Password') as ISecret;
      const server = DatabaseInstance.fromDatabaseInstanceAttributes(there, 'Server', {
        ...{ instanceIdentifier: 'shop', instanceEndpointAddress: 'db.example.com', port: 5432 },
        ...{ instanceResourceId: 'db-SHOP', securityGroups: [] },
      });
      const database = { server, name: 'shop', owner: { user: 'shop', secret } };
      pipelineIn(there, {}, { vpc, bucket, database }, 'Second');
      const through = (endpoint: string) => {
        const { PolicyDocument } = one(Template.fromStack(stack), 'AWS::EC2::VPCEndpoint', endpoint)
          .Properties as {
          PolicyDocument: { Statement: Statement[] };
        };
        return PolicyDocument.Statement.flatMap(({ Resource }) => Resource).map(text);
      };

      it('the endpoints of a shared VPC allow the bucket of each pipeline', () => {
        const theirs = where === 'the same stack' ? /^<Pictures.*Arn>.derived/ : /:s3:::\*.derived/;
        const found = through('VpcS3');
        for (const one of [theirs, /:s3:::\*-<AWS::AccountId>-<AWS::Region>.derived/])
          expect(found).toContainEqual(expect.stringMatching(one));
      });

      it('a shared VPC gets an endpoint for the password of the second pipeline', () => {
        expect(through('SecretsManager')).toEqual([
          expect.stringMatching(where === 'the same stack' ? /^<Password/ : /:secretsmanager:.*:secret:\*$/),
        ]);
      });
    },
  );

  it('two pipelines share a key and an existing VPC', () => {
    const stack = ownStack();
    const vpc = new Vpc(stack, 'Net') as IVpc;
    const encryptionKey = new Key(stack, 'Key') as IKey;
    for (const id of ['Portraits', 'Landscapes']) pipelineIn(stack, {}, { vpc, encryptionKey }, id);
    Template.fromStack(stack).resourceCountIs('AWS::EC2::VPC', 1);
  });
});
