import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AnyPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { PipelineStack } from '../../../lib/stacks/pipeline.ts';
import { pipelineIn } from '../own-app.ts';
import { appProps, stageApp } from '../synthesis.ts';
import { readAccount } from './account.ts';
import { decide, type Policy } from './decision.ts';
import { account, region } from './deployed.ts';
import { type PlaceName, placesOf, type Target } from './places.ts';

const app = stageApp();
const stack = app.node.findAll().find((one) => one instanceof PipelineStack) as PipelineStack;
const { pipeline } = stack;
const role = (id: string) =>
  new Role(stack, id, { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
pipeline.grantRead(role('Reader'));
const here = `${region}:${account}`;
const secretArn = `arn:aws:secretsmanager:${here}:secret:photos-AbCdEf`;
const secretKeyArn = `arn:aws:kms:${here}:key/of-the-secret`;
const apiKey = Secret.fromSecretAttributes(stack, 'ApiKey', {
  secretCompleteArn: secretArn,
  encryptionKey: Key.fromKeyArn(stack, 'SecretKey', secretKeyArn),
});
pipeline.grantUpload(role('Uploader'), apiKey);
pipeline.grantUpload(role('Page'), Secret.fromSecretNameV2(stack, 'Named', 'photos'));
pipeline.grantManage(role('Caretaker'));
pipeline.grantMigrate(role('Migrator'));

const templates = app.node.children.filter((one) => Stack.isStack(one)).map((one) => Template.fromStack(one));
const at = readAccount(...templates);
const only = (type: string, part: string) =>
  at.resources.filter((one) => one.type === type && one.id.includes(part)).map(({ id }) => id);
const live = (name: string) => only('AWS::Lambda::Alias', `Functions${name}`)[0] ?? '';
const target = (resource: string): Target[] => [{ resource, context: {} }];

/** The deployment and the additions of the grants. */
const places: [string, Target[]][] = [
  ...(Object.entries(placesOf(at)) as [PlaceName, Target[]][]),
  ['API key', target(secretArn)],
  ['key of the API key', target(secretKeyArn)],
  ...['migrate', 'operate'].map((name): [string, Target[]] => [
    name,
    target(`arn:aws:lambda:${here}:function:${live(name)}`),
  ]),
  ...['api', 'enqueue', 'process', 'sweep'].map((name): [string, Target[]] => [
    `never: ${name}`,
    target(`arn:aws:lambda:${here}:function:${live(name)}`),
  ]),
  ...['migrate', 'operate'].map((name): [string, Target[]] => [
    `never: versions of ${name}`,
    target(`arn:aws:lambda:${here}:function:${only('AWS::Lambda::Function', `Functions${name}`)[0]}`),
  ]),
];
const actions = [
  ...['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectAcl', 's3:PutObject', 's3:DeleteObject'],
  ...['s3:ListBucket', 's3:ListBucketVersions', 's3:GetBucketPolicy', 's3:PutBucketPolicy'],
  ...['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:CreateGrant', 'kms:PutKeyPolicy'],
  ...['lambda:InvokeFunction', 'lambda:GetFunction', 'lambda:UpdateFunctionCode', 'lambda:UpdateAlias'],
  ...['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue', 'secretsmanager:DescribeSecret'],
  ...['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:PurgeQueue', 'rds-db:connect', 'logs:GetLogEvents'],
];

const leftToIam: Policy = [
  { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
];

/** Everything that a role may do there. */
function may(name: string): string[] {
  const [id = ''] = only('AWS::IAM::Role', name);
  const caller = { role: `arn:aws:iam::${account}:role/${id}` };
  const allowed = actions.flatMap((action) =>
    places.flatMap(([place, targets]) =>
      targets
        .filter(({ resource }) => resource.split(':')[2] === action.split(':')[0])
        .filter(({ resource, context }) => {
          const known = {
            'aws:SecureTransport': 'true',
            's3:TlsVersion': '1.3',
            's3:signatureAge': '1',
            ...context,
          };
          const policies = at.policies(caller.role, resource);
          // A key of another stack, with KMS's default policy.
          if (resource === secretKeyArn) policies.resource = leftToIam;
          return decide({ caller, action, resource, context: known }, policies) === 'allowed';
        })
        .map(() => `${action} ${place}`),
    ),
  );
  return [...new Set(allowed)];
}

describe('grants of the construct', () => {
  it('grantRead allows variants and their key through S3', () => {
    expect(may('Reader')).toEqual(['s3:GetObject variants', 'kms:Decrypt key of images, through S3']);
  });

  it('grantUpload allows the API key, but neither bucket nor queues', () => {
    expect(may('Uploader')).toEqual([
      'kms:Decrypt key of the API key',
      'secretsmanager:GetSecretValue API key',
    ]);
  });

  it('grantUpload supports a secret that was imported by name', () => {
    expect(may('Page')).toEqual(['secretsmanager:GetSecretValue API key']);
  });

  it('grantManage allows the live version of operate, and not migrate', () => {
    expect(may('Caretaker')).toEqual(['lambda:InvokeFunction operate']);
  });

  it('grantMigrate allows the live version of migrate, and not operate', () => {
    expect(may('Migrator')).toEqual(['lambda:InvokeFunction migrate']);
  });

  it('a grant that IAM does not support is an error', () => {
    expect(() => pipeline.grantRead(new AnyPrincipal())).toThrow('to a role or a user only');
    const here = new Stack(new App(appProps()), 'Here', { env: { account, region } });
    const of = (id: string) => Role.fromRoleArn(here, `Role${id}`, `arn:aws:iam::${id}:role/reader`);
    const there = pipelineIn(here);
    expect(() => there.grantRead(of('444455556666'))).toThrow('cannot be granted to account 444455556666');
    expect(() => there.grantRead(of(account))).not.toThrow();
  });
});
