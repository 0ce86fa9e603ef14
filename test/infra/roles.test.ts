import { describe, expect, it } from 'vitest';
import { one, rights, statements, text } from './reading.ts';
import { synthesise } from './synthesis.ts';

const { pipeline } = synthesise();
const bucket = one(pipeline, 'AWS::S3::Bucket').id;
const jobs = one(pipeline, 'AWS::SQS::Queue', 'ImageJobs').id;
const failed = one(pipeline, 'AWS::SQS::Queue', 'FailedUploadEvents').id;

const network = ['Assign', 'Unassign']
  .map((verb) => `ec2:${verb}PrivateIpAddresses *`)
  .concat(['ec2:CreateNetworkInterface *', 'ec2:DeleteNetworkInterface *'])
  .concat(['ec2:DescribeNetworkInterfaces *', 'ec2:DescribeSubnets *']);
const logs = (name: string) => {
  const { id } = one(pipeline, 'AWS::Logs::LogGroup', `Functions${name}`);
  return [`logs:CreateLogStream <${id}.Arn>`, `logs:PutLogEvents <${id}.Arn>`];
};
/** Of the long name of the export only that it is the resource id. */
const may = (name: string) =>
  rights(pipeline, `Functions${name}Role`).map((right) =>
    right
      .replace(/<import [^>]*DbiResourceId\w*>/, 'RESOURCE-ID')
      .replace(/<import [^>]*SecretArn\w*>/, 'SECRET'),
  );
const connect = (role: string) =>
  `rds-db:connect arn:<AWS::Partition>:rds-db:<AWS::Region>:<AWS::AccountId>:dbuser:RESOURCE-ID/${role}`;
const incoming = `<${bucket}.Arn>/incoming/*`;
const derived = `<${bucket}.Arn>/derived/*`;

describe('the role of', () => {
  it('api may read and put originals, read variants, send jobs and log in as sluice_api', () => {
    expect(may('api')).toEqual(
      [
        ...logs('api'),
        ...network,
        connect('sluice_api'),
        `s3:GetObject ${incoming}`,
        `s3:PutObject ${incoming}`,
        `s3:GetObject ${derived}`,
        `s3:ListBucket <${bucket}.Arn>`,
        `sqs:SendMessage <${jobs}.Arn>`,
      ].sort(),
    );
  });

  it('enqueue may send jobs, and what it failed at to the queue for that', () => {
    expect(may('enqueue')).toEqual(
      [...logs('enqueue'), `sqs:SendMessage <${jobs}.Arn>`, `sqs:SendMessage <${failed}.Arn>`].sort(),
    );
  });

  it('process may read originals, put variants, work on the queue and log in as sluice_process', () => {
    expect(may('process')).toEqual(
      [
        ...logs('process'),
        ...network,
        connect('sluice_process'),
        `s3:GetObject ${incoming}`,
        `s3:GetObject ${derived}`,
        `s3:PutObject ${derived}`,
        `s3:ListBucket <${bucket}.Arn>`,
        `sqs:ReceiveMessage <${jobs}.Arn>`,
        `sqs:DeleteMessage <${jobs}.Arn>`,
        `sqs:GetQueueAttributes <${jobs}.Arn>`,
        `sqs:ChangeMessageVisibility <${jobs}.Arn>`,
      ].sort(),
    );
  });

  it('sweep may delete originals and variants, send jobs, and log in as sluice_sweep', () => {
    expect(may('sweep')).toEqual(
      [
        ...logs('sweep'),
        ...network,
        connect('sluice_sweep'),
        `s3:GetObject ${incoming}`,
        `s3:DeleteObject ${incoming}`,
        `s3:DeleteObject ${derived}`,
        `s3:ListBucket <${bucket}.Arn>`,
        `sqs:SendMessage <${jobs}.Arn>`,
        `sqs:GetQueueAttributes <${jobs}.Arn>`,
      ].sort(),
    );
  });

  it('migrate may read the owner’s password and nothing of images or jobs', () => {
    expect(may('migrate')).toEqual(
      [...logs('migrate'), ...network, 'secretsmanager:GetSecretValue SECRET'].sort(),
    );
  });
});

describe('every role of the pipeline', () => {
  const roles = Object.entries(pipeline.findResources('AWS::IAM::Role'));
  const inline = roles.flatMap(([, role]) => statements(role.Properties.Policies ?? []));

  it('belongs to one function', () => {
    const used = Object.values(pipeline.findResources('AWS::Lambda::Function')).map((one) =>
      text(one.Properties.Role),
    );
    expect(new Set(used).size).toBe(used.length);
  });

  it('names each action in full', () => {
    expect(inline.length).toBeGreaterThan(20);
    expect(inline.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('may touch any resource only where EC2 knows no narrower one', () => {
    expect(
      inline.filter(({ Resource }) => [Resource].flat().includes('*')).flatMap(({ Sid }) => Sid),
    ).toEqual(['Network', 'Network', 'Network', 'Network']);
  });

  it('gets nothing from policies beside its own', () => {
    pipeline.resourceCountIs('AWS::IAM::Policy', 0);
  });
});
