import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { catalogue, type FunctionName } from '../../../lib/catalogue/catalogue.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { synthesise } from '../synthesis.ts';
import { type Account, readAccount } from './account.ts';
import { type Decision, decide, type Statement } from './decision.ts';
import { account, region } from './deployed.ts';
import { type PlaceName, placesOf, type Target } from './places.ts';
import { type Actor, type Manner, type Use, usesOf } from './uses.ts';

const functions = Object.keys(catalogue) as FunctionName[];
/** Deployments with different permissions, and what each function does there. */
const manners = await Promise.all(
  (
    [
      ['RDS', { ownerLogin: 'iam', sendsEvents: false, countsInCache: false }, {}],
      ['RDS with ready events', { ownerLogin: 'iam', sendsEvents: true, countsInCache: false }, {}],
      ['RDS and a cache', { ownerLogin: 'iam', sendsEvents: false, countsInCache: true }, {}],
      [
        'RDS whose owner has a password',
        { ownerLogin: 'password', sendsEvents: false, countsInCache: false },
        {},
      ],
      [
        'Aurora behind a proxy',
        { ownerLogin: 'iam', sendsEvents: false, countsInCache: false },
        { engine: 'aurora-serverless', proxy: true },
      ],
    ] as [string, Manner, SluiceConfig['database']][]
  ).map(async ([name, manner, database]) => {
    const each = functions.map(async (one) => [one, await usesOf(one, manner)] as const);
    return { name, manner, database, uses: new Map(await Promise.all(each)) };
  }),
);
/** Requests that no function makes, and the most dangerous ones. */
const worst = [
  ...[
    's3:PutBucketPolicy',
    's3:PutBucketVersioning',
    's3:PutObjectAcl',
    's3:DeleteObject',
    's3:DeleteBucket',
  ],
  ...['events:PutRule', 'events:PutTargets', 'events:PutPermission'],
  ...['sqs:PurgeQueue', 'sqs:SetQueueAttributes', 'sqs:StartMessageMoveTask'],
  ...['kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion', 'kms:CreateGrant', 'kms:Encrypt'],
  ...['elasticache:ModifyUser', 'elasticache:ModifyServerlessCache', 'elasticache:DeleteServerlessCache'],
  ...['secretsmanager:PutSecretValue', 'logs:DeleteLogGroup', 'logs:GetLogEvents', 'ec2:RunInstances'],
];
const done = manners.flatMap(({ uses }) => [...uses.values()].flat());
const actions = [...new Set([...done.map(({ action }) => action), ...worst])];
/**
 * What a function's code could do in addition to Lambda: S3 and SQS use the role's permissions on keys for both, and the
 * endpoint of SQS does not distinguish functions.
 */
const shared = ({ action }: Use) =>
  action.startsWith('kms:') || ['sqs:SendMessage', 'sqs:GetQueueAttributes'].includes(action);
const serviceOf = (resource: string) => resource.split(':')[2];

/** IAM's decision for a request of a function's code from its network, or of Lambda with its role. */
function ask(
  at: Account,
  role: string,
  actor: Actor,
  action: string,
  { resource, context }: Target,
): Decision {
  const service = serviceOf(resource) ?? '';
  const known = {
    'aws:SecureTransport': 'true',
    's3:TlsVersion': '1.3',
    's3:signatureAge': '1000',
    'aws:PrincipalAccount': account,
    'aws:ResourceAccount': resource.includes('444455556666') ? '444455556666' : account,
    'aws:PrincipalArn': role,
    ...(actor === 'code'
      ? { 'lambda:SourceFunctionArn': `arn:aws:lambda:${region}:${account}:function:any` }
      : {}),
    ...context,
  };
  const policies = at.policies(role, resource);
  const request = { caller: { role }, action, resource, context: known };
  // A token for Postgres or a cache needs no call, and S3 and SQS use the key, not the function.
  const called = actor === 'code' && !['rds-db', 'elasticache', 'kms'].includes(service);
  if (!called) return decide(request, policies);
  const endpoint = at.endpoint(service);
  // The network has no other route out.
  return endpoint === undefined ? 'denied' : decide(request, { ...policies, endpoint });
}

describe.each(manners)('on $name', ({ manner, database, uses }) => {
  const { ownerLogin, sendsEvents, countsInCache } = manner;
  const { data, pipeline } = synthesise({
    database: { ...database, ownerLogin },
    deploy: { readyEvents: sendsEvents },
    counters: { store: countsInCache ? 'valkey' : 'postgres' },
  });
  const at = readAccount(data as Template, pipeline);
  const places = Object.entries(placesOf(at)) as [PlaceName, Target[]][];
  const asked = (role: string, actor: Actor, isUse: (action: string, place: PlaceName) => boolean) =>
    actions.flatMap((action) =>
      places.flatMap(([place, targets]) =>
        targets
          .filter(({ resource }) => serviceOf(resource) === action.split(':')[0])
          .map((target) => ({
            action,
            place,
            ...target,
            expected: isUse(action, place),
            decision: ask(at, role, actor, action, target),
          })),
      ),
    );
  const wrong = (answers: ReturnType<typeof asked>) =>
    answers
      .filter(({ expected, decision }) => expected !== (decision === 'allowed'))
      .map(({ action, place, resource, context, decision }) => ({
        action,
        place,
        resource,
        context,
        decision,
      }));
  const has = (of: readonly Use[]) => (action: string, place: PlaceName) =>
    of.some((use) => use.action === action && use.place === place);

  it.each(functions)(
    'the role of %s may do what its function does, and nothing of what the others do',
    (name) => {
      const all = uses.get(name) ?? [];
      const answers = asked(at.functionRoles[name], 'lambda', has(all));
      expect(wrong(answers)).toEqual([]);
      expect(answers.length).toBeGreaterThan(200);
      // Every use was checked; otherwise this proves nothing.
      const met = answers.filter(({ expected }) => expected);
      expect(new Set(met.map(({ action, place }) => `${action} ${place}`))).toEqual(
        new Set(all.map(({ action, place }) => `${action} ${place}`)),
      );
    },
  );

  it.each(functions)('the code of %s reaches from its network what it uses, and nothing else', (name) => {
    const all = uses.get(name) ?? [];
    const own = all.filter((use) => use.actor === 'code' || shared(use));
    const role = at.functionRoles[name];
    expect(wrong(asked(role, 'code', has(own)))).toEqual([]);
  });

  it('Lambda may place a function in a network, its code may not', () => {
    const target = { resource: `arn:aws:ec2:${region}:${account}:network-interface/eni-1`, context: {} };
    for (const name of functions) {
      const role = at.functionRoles[name];
      expect(ask(at, role, 'lambda', 'ec2:CreateNetworkInterface', target)).toBe('allowed');
      const request = { caller: { role }, action: 'ec2:CreateNetworkInterface', ...target };
      const byCode = { 'lambda:SourceFunctionArn': 'any' };
      expect(decide({ ...request, context: byCode }, at.policies(role, target.resource))).toBe(
        'explicitly denied',
      );
    }
  });

  it('no other role has access to images, messages, secrets or their keys', () => {
    const others = at.roles.filter((role) => !Object.values(at.functionRoles).includes(role));
    expect(others.length).toBeGreaterThan(2);
    const precious = ['s3', 'sqs', 'kms', 'secretsmanager'];
    for (const role of others) {
      const answers = asked(role, 'lambda', () => false);
      const about = answers.filter(({ resource }) => precious.includes(serviceOf(resource) ?? ''));
      expect(wrong(about)).toEqual([]);
    }
  });

  it.each([
    ['s3', 's3:PutObject', 'originals'],
    ['s3', 's3:ListBucket', 'bucket'],
    ['sqs', 'sqs:SendMessage', 'jobs'],
    ['secretsmanager', 'secretsmanager:GetSecretValue', "owner's password"],
    ['events', 'events:PutEvents', 'events'],
  ] as const)(
    'through the endpoint of %s %s is for this account’s roles and things only',
    (service, action, place) => {
      if (service === 'secretsmanager' && ownerLogin === 'iam') {
        expect(at.endpoint(service)).toBeUndefined();
        return;
      }
      const [{ resource } = { resource: '' }] = places.find(([name]) => name === place)?.[1] ?? [];
      const almighty: Statement[] = [{ Effect: 'Allow', Action: '*', Resource: '*' }];
      const foreign = '444455556666';
      const through = (principal: string, owner: string, what = action as string) => {
        const context = { 'aws:PrincipalAccount': principal, 'aws:ResourceAccount': owner };
        const request = { caller: { role: 'any' }, action: what, resource, context };
        return decide(request, { identity: almighty, endpoint: at.endpoint(service) });
      };
      expect(at.endpoint(service)).not.toBeUndefined();
      expect(through(account, account)).toBe('allowed');
      expect(through(foreign, account)).toBe('denied');
      expect(through(account, foreign)).toBe('denied');
      for (const other of worst.filter((one) => one.startsWith(`${service}:`)))
        expect(through(account, account, other)).toBe('denied');
    },
  );
});
