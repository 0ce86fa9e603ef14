import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { type ISecurityGroup, type IVpc, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, BucketEncryption, type CfnBucket, EventType, type IBucket } from 'aws-cdk-lib/aws-s3';
import { SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { ImagePipeline } from '../../lib/image-pipeline.ts';
import { elsewhere, ownStack, pipelineIn } from './own-app.ts';
import { one, rights, type Statement, text } from './reading.ts';
import { appProps } from './synthesis.ts';

const arn = 'arn:aws:s3:::pictures-of-the-shop';
const beside = (stack: Stack, id: string) => new Stack(stack.node.root as App, id);
const versioned = (stack: Stack, encryption = BucketEncryption.KMS) =>
  new Bucket(stack, 'Pictures', { versioned: true, encryption });

interface Notifications {
  Managed: boolean;
  NotificationConfiguration: Record<string, { Events: string[]; Filter: unknown }[]>;
}
const notificationsIn = (stack: Stack) =>
  one(Template.fromStack(stack), 'Custom::S3BucketNotifications').Properties as unknown as Notifications;

describe('a bucket of the app', () => {
  const stack = ownStack();
  const bucket = versioned(stack);
  bucket.addEventNotification(EventType.OBJECT_REMOVED, new SqsDestination(new Queue(stack, 'Gone')));
  const pipeline = pipelineIn(
    stack,
    { ...elsewhere, retention: { originalsDays: 30 } },
    { bucket: bucket as IBucket },
  );
  const template = Template.fromStack(stack);

  it('is used instead of one of our own, whose key is not made either', () => {
    expect(pipeline.bucket.bucket).toBe(bucket);
    template.resourceCountIs('AWS::S3::Bucket', 1);
    expect(Object.keys(template.findResources('AWS::KMS::Key'))).toEqual([
      expect.stringContaining('PicturesKey'),
      expect.stringContaining('KeysMessages'),
    ]);
  });

  it('tells enqueue of uploads beside whom it told before', () => {
    const { NotificationConfiguration } = notificationsIn(stack);
    expect(NotificationConfiguration.QueueConfigurations).toHaveLength(1);
    expect(NotificationConfiguration.LambdaFunctionConfigurations?.map(({ Events }) => Events)).toEqual([
      ['s3:ObjectCreated:Post'],
      ['s3:ObjectCreated:CompleteMultipartUpload'],
    ]);
  });

  it('lets pages upload, forgets originals, and refuses what ours refuses, for its two prefixes alone', () => {
    const { Properties } = one(template, 'AWS::S3::Bucket');
    expect(Properties.CorsConfiguration).toMatchObject({
      CorsRules: [{ AllowedMethods: ['POST', 'GET', 'HEAD'] }],
    });
    const { Rules } = Properties.LifecycleConfiguration as { Rules: { Prefix?: string }[] };
    expect(Rules.map(({ Prefix }) => Prefix)).toEqual(['incoming/', 'incoming/']);
    const { Statement } = (
      one(template, 'AWS::S3::BucketPolicy').Properties as { PolicyDocument: { Statement: Statement[] } }
    ).PolicyDocument;
    expect(Statement.map(({ Sid }) => Sid)).toEqual(['OldSignature', 'OtherEncryption', 'KeyOfTheClient']);
    for (const { Resource } of Statement)
      expect([Resource].flat().map(text)).toEqual([
        expect.stringMatching(/\/derived\/\*$/),
        expect.stringMatching(/\/incoming\/\*$/),
      ]);
  });

  it('has a key that the functions may use', () => {
    const key = one(template, 'AWS::KMS::Key', 'PicturesKey').id;
    expect(rights(template, 'FunctionsprocessRole')).toContain(`kms:GenerateDataKey <${key}.Arn>`);
  });

  it('without KMS leaves encryption to S3', () => {
    const stack = ownStack();
    pipelineIn(stack, elsewhere, { bucket: versioned(stack, BucketEncryption.S3_MANAGED) as IBucket });
    const policy = JSON.stringify(Template.fromStack(stack).findResources('AWS::S3::BucketPolicy'));
    expect(policy).not.toContain('OtherEncryption');
    expect(policy).toContain('KeyOfTheClient');
  });

  it.each<[string, (stack: Stack, bucket: Bucket) => void, string]>([
    [
      'is not versioned',
      (_, bucket) => {
        (bucket.node.defaultChild as CfnBucket).versioningConfiguration = { status: 'Suspended' };
      },
      'Shop/Pictures must be versioned',
    ],
    [
      'has notifications in its own property',
      (_, bucket) => {
        (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {};
      },
      'Shop/Pictures has notifications in its own property',
    ],
  ])('that %s fails the synth', (_, change, expected) => {
    const stack = ownStack();
    const bucket = versioned(stack);
    pipelineIn(stack, elsewhere, { bucket: bucket as IBucket });
    change(stack, bucket);
    expect(() => Template.fromStack(stack)).toThrow(expected);
  });
});

describe('a bucket of another stack', () => {
  it('tells enqueue from the stack of the pipeline, so that neither needs the other twice', () => {
    const stack = ownStack();
    pipelineIn(stack, elsewhere, { bucket: versioned(beside(stack, 'Storage')) as IBucket });
    expect(notificationsIn(stack)).toMatchObject({ Managed: false });
  });

  it('with notifications that would be written over ours fails the synth', () => {
    const stack = ownStack();
    const storage = beside(stack, 'Storage');
    const bucket = versioned(storage);
    bucket.addEventNotification(EventType.OBJECT_REMOVED, new SqsDestination(new Queue(storage, 'Gone')));
    pipelineIn(stack, elsewhere, { bucket: bucket as IBucket });
    expect(() => Template.fromStack(stack)).toThrow(
      /Storage\/Pictures has notifications that its own stack writes/,
    );
  });
});

describe('an imported bucket', () => {
  const stack = ownStack();
  const bucket = Bucket.fromBucketArn(stack, 'Pictures', arn);
  // With a network of our own, whose endpoint must let its objects through.
  pipelineIn(stack, {}, { bucket });
  const template = Template.fromStack(stack);

  it('keeps its notifications, and it is said what it needs', () => {
    expect(notificationsIn(stack)).toMatchObject({ Managed: false });
    Annotations.fromStack(stack).hasInfo('/Shop/Images/Images', Match.stringLikeRegexp('must be versioned'));
  });

  it('is what the endpoint of our own network lets through, and nothing else', () => {
    const { PolicyDocument } = one(template, 'AWS::EC2::VPCEndpoint', 'S3').Properties as {
      PolicyDocument: { Statement: Statement[] };
    };
    expect(PolicyDocument.Statement.flatMap(({ Resource }) => Resource).map(text)).toEqual([
      `${arn}/derived/*`,
      `${arn}/incoming/*`,
      arn,
    ]);
  });

  it('takes no lifecycle of ours', () => {
    const stack = ownStack();
    expect(() =>
      pipelineIn(
        stack,
        { ...elsewhere, retention: { originalsDays: 1 } },
        { bucket: Bucket.fromBucketArn(stack, 'Pictures', arn) },
      ),
    ).toThrow('bucket and retention.originals: the lifecycle of an imported bucket cannot be changed');
  });
});

it('one key encrypts bucket, queues and log groups, and lets CloudWatch Logs do it', () => {
  const stack = ownStack();
  const encryptionKey = new Key(beside(stack, 'Keys'), 'Key') as IKey;
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

  it('has a database of our own and the functions in it, and no endpoint, flow log or VPC of ours', () => {
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

  it('has the functions of a database that is reached from there, and says which rule that needs', () => {
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
      Match.stringLikeRegexp('The security group of db.example.com must let .* in on tcp 5432'),
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

  it('lets the functions in where its group is named', () => {
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

  it('says which rule it needs where it is not', () => {
    const stack = ownStack();
    pipelineIn(stack, at({}));
    Template.fromStack(stack).resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    Annotations.fromStack(stack).hasInfo(
      '/Shop/Images/Existing',
      Match.stringLikeRegexp('db.example.com must let sg-1 and sg-2 in on tcp 6432'),
    );
  });

  it('is as good with its settings as constructs', () => {
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

describe('parts that do not go together', () => {
  it('are mistakes with their paths, all of them at once', () => {
    const stack = ownStack();
    const vpcSubnets = { subnetType: SubnetType.PUBLIC };
    const config = { ...elsewhere, deploy: { migration: 'invoke' as const }, presets: {} };
    const database = pipelineIn(ownStack('Other')).database;
    const bucket = Bucket.fromBucketArn(stack, 'Pictures', arn);
    expect(() => new ImagePipeline(stack, 'Images', { config, vpcSubnets, database, bucket })).toThrow(
      [
        'The configuration of Shop/Images has 4 mistakes:',
        'database and config.database.connection: one is enough',
        'vpcSubnets: are of a VPC, which is not given as vpc',
        'bucket and config.deploy.migration: the notification of a bucket that is there is made by a custom resource',
        'presets: needs at least one preset',
      ].join('\n  - '),
    );
  });
});

describe('several pipelines of one stack', () => {
  it('with everything of their own', () => {
    const stack = new Stack(new App(appProps()), 'Shop');
    for (const id of ['Portraits', 'Landscapes']) pipelineIn(stack, {}, {}, id);
    Template.fromStack(stack).resourceCountIs('AWS::RDS::DBInstance', 2);
  });

  it('with one key and one VPC for both', () => {
    const stack = ownStack();
    const vpc = new Vpc(stack, 'Net') as IVpc;
    const encryptionKey = new Key(stack, 'Key') as IKey;
    for (const id of ['Portraits', 'Landscapes']) pipelineIn(stack, {}, { vpc, encryptionKey }, id);
    Template.fromStack(stack).resourceCountIs('AWS::EC2::VPC', 1);
  });
});
