import { describe, expect, it } from 'vitest';
import { one, rights, statements, text } from './reading.ts';
import { synthesise } from './synthesis.ts';

const { pipeline } = synthesise();
const bucket = `arn:<AWS::Partition>:s3:::${text(one(pipeline, 'AWS::S3::Bucket', 'ImagesBucket').Properties.BucketName)}`;
const jobs = one(pipeline, 'AWS::SQS::Queue', 'ImageJobs').id;
const deadLetters = one(pipeline, 'AWS::SQS::Queue', 'DeadLetters').id;
const failed = one(pipeline, 'AWS::SQS::Queue', 'FailedUploadEvents').id;
const key = (name: string) => `<${one(pipeline, 'AWS::KMS::Key', `Keys${name}`).id}.Arn>`;
const images = [`kms:Decrypt ${key('Images')}`, `kms:GenerateDataKey ${key('Images')}`];
const send = [
  `sqs:SendMessage <${jobs}.Arn>`,
  `kms:Decrypt ${key('Messages')}`,
  `kms:GenerateDataKey ${key('Messages')}`,
];

const interfaces = [
  ...['ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses', 'ec2:CreateNetworkInterface'],
  ...['ec2:DeleteNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'],
];
/** Lambda may place the function in a network, its code may not; both may send traces. */
const everywhere = [
  ...interfaces.flatMap((action) => [`${action} *`, `Deny ${action} *`]),
  ...['xray:PutTraceSegments *', 'xray:PutTelemetryRecords *'],
];
const logs = (name: string) => {
  const { id } = one(pipeline, 'AWS::Logs::LogGroup', `Functions${name}`);
  return [`logs:CreateLogStream <${id}.Arn>`, `logs:PutLogEvents <${id}.Arn>`];
};
/** Shortens the long name of the export to the resource id. */
const may = (name: string) =>
  rights(pipeline, `Functions${name}Role`).map((right) =>
    right.replace(/<import [^>]*DbiResourceId\w*>/, 'RESOURCE-ID'),
  );
const connect = (role: string) =>
  `rds-db:connect arn:<AWS::Partition>:rds-db:<AWS::Region>:<AWS::AccountId>:dbuser:RESOURCE-ID/${role}`;
const incoming = `${bucket}/incoming/*`;
const derived = `${bucket}/derived/*`;
const exported = `${bucket}/exports/*`;
const inner = (name: string) => `<${one(pipeline, 'AWS::SQS::Queue', `Queues${name}`).id}.Arn>`;

describe('the role of each function', () => {
  it('api may read and put originals, read variants and exports, send jobs, nudges and due deliveries and log in as sluice_api', () => {
    expect(may('api')).toEqual(
      [
        ...logs('api'),
        ...everywhere,
        connect('sluice_api'),
        `s3:GetObject ${incoming}`,
        `s3:PutObject ${incoming}`,
        `s3:GetObject ${derived}`,
        `s3:GetObject ${exported}`,
        `s3:ListBucket ${bucket}`,
        ...images,
        ...send,
        `sqs:SendMessage ${inner('Nudges')}`,
        `sqs:SendMessage ${inner('DeliveryResults')}`,
      ].sort(),
    );
  });

  it('enqueue may send jobs, and failed events to their queue', () => {
    expect(may('enqueue')).toEqual(
      [...logs('enqueue'), ...everywhere, ...send, `sqs:SendMessage <${failed}.Arn>`].sort(),
    );
  });

  it('process may read originals, put variants, work on the queue, send dead letters and nudges and log in as sluice_process', () => {
    expect(may('process')).toEqual(
      [
        ...logs('process'),
        ...everywhere,
        connect('sluice_process'),
        `s3:GetObjectVersion ${incoming}`,
        `s3:GetObject ${derived}`,
        `s3:PutObject ${derived}`,
        `s3:ListBucket ${bucket}`,
        `s3:ListBucketVersions ${bucket}`,
        ...images,
        `kms:Decrypt ${key('Messages')}`,
        `kms:GenerateDataKey ${key('Messages')}`,
        `sqs:SendMessage <${deadLetters}.Arn>`,
        `sqs:SendMessage ${inner('Nudges')}`,
        `sqs:ReceiveMessage <${jobs}.Arn>`,
        `sqs:DeleteMessage <${jobs}.Arn>`,
        `sqs:GetQueueAttributes <${jobs}.Arn>`,
        `sqs:ChangeMessageVisibility <${jobs}.Arn>`,
      ].sort(),
    );
  });

  it('sweep may delete originals, variants and exports, send jobs, and log in as sluice_sweep', () => {
    expect(may('sweep')).toEqual(
      [
        ...logs('sweep'),
        ...everywhere,
        connect('sluice_sweep'),
        `s3:DeleteObjectVersion ${incoming}`,
        `s3:DeleteObjectVersion ${derived}`,
        `s3:DeleteObjectVersion ${exported}`,
        `s3:AbortMultipartUpload ${exported}`,
        `s3:ListBucketVersions ${bucket}`,
        ...send,
        `sqs:GetQueueAttributes <${jobs}.Arn>`,
      ].sort(),
    );
  });

  it('relay may be started by nudges and send some to itself later, give events to the consumers and to dispatch, park refused ones and log in as sluice_relay', () => {
    expect(may('relay').filter((right) => !right.startsWith('events:'))).toEqual(
      [
        ...logs('relay'),
        ...everywhere,
        connect('sluice_relay'),
        `kms:Decrypt ${key('Messages')}`,
        `kms:GenerateDataKey ${key('Messages')}`,
        ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes', 'SendMessage'].map(
          (action) => `sqs:${action} ${inner('Nudges')}`,
        ),
        ...['AnalyticsEvents', 'AuditEvents', 'RefusedEvents', 'DeliveryResults'].map(
          (queue) => `sqs:SendMessage ${inner(queue)}`,
        ),
      ].sort(),
    );
  });

  it('without tracing no role may send traces', () => {
    const { pipeline } = synthesise({ deploy: { tracing: false } });
    expect(rights(pipeline, 'FunctionsprocessRole').filter((right) => right.startsWith('xray'))).toEqual([]);
  });

  it.each([
    ['migrate', 'sluice_owner'],
    ['operate', 'sluice_operate'],
  ])('%s may log in as %s, without access to images or jobs', (name, user) => {
    expect(may(name)).toEqual([...logs(name), ...everywhere, connect(user)].sort());
  });
});

describe('every role of the pipeline', () => {
  const roles = Object.values(pipeline.findResources('AWS::IAM::Role'));
  const policies = Object.entries(pipeline.findResources('AWS::IAM::ManagedPolicy'));
  const all = statements(policies.map(([, { Properties }]) => Properties));

  it('each role belongs to one function', () => {
    const used = Object.values(pipeline.findResources('AWS::Lambda::Function')).map((one) =>
      text(one.Properties.Role),
    );
    expect(new Set(used).size).toBe(used.length);
  });

  it('each role has exactly one policy, which no other role has', () => {
    const ours = roles.flatMap(({ Properties }) => Properties.ManagedPolicyArns as { Ref?: string }[]);
    const named = ours.flatMap(({ Ref }) => (Ref === undefined ? [] : [Ref]));
    expect(named.sort()).toEqual(policies.map(([id]) => id).sort());
    expect(new Set(named).size).toBe(named.length);
    pipeline.resourceCountIs('AWS::IAM::Policy', 0);
  });

  it('each role names every action in full', () => {
    expect(all.length).toBeGreaterThan(20);
    expect(all.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('a role has the resource * only for services that support no narrower one', () => {
    const wide = all.filter(({ Resource }) => [Resource].flat().includes('*')).map(({ Sid }) => Sid);
    expect([...new Set(wide)].sort()).toEqual(['Network', 'NetworkNotByCode', 'PushLogs', 'Trace']);
  });

  it('Lambda may place functions in the network, their code may not', () => {
    const [refused] = all.filter(({ Effect }) => Effect === 'Deny');
    const [allowed] = all.filter(({ Sid }) => Sid === 'Network');
    // Requests of the code carry the key, those of Lambda itself do not.
    expect(refused).toMatchObject({ Condition: { Null: { 'lambda:SourceFunctionArn': 'false' } } });
    expect(refused?.Action).toEqual(allowed?.Action);
  });
});
