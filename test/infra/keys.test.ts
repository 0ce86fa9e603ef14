import { describe, expect, it } from 'vitest';
import { one, type Statement, text } from './reading.ts';
import { synthesise } from './synthesis.ts';

const { pipeline } = synthesise();
const stages = { prod: pipeline, dev: synthesise({}, {}, 'dev').pipeline };
const root = 'arn:<AWS::Partition>:iam::<AWS::AccountId>:root';

describe.each([
  ['KeysImages', 's3'],
  ['KeysMessages', 'sqs'],
])('the key %s', (name, service) => {
  const key = one(pipeline, 'AWS::KMS::Key', name);
  const { Statement } = (key.Properties as { KeyPolicy: { Statement: Statement[] } }).KeyPolicy;
  const find = (sid: string) => Statement.find(({ Sid }) => Sid === sid);

  it('rotates', () => {
    expect(key.Properties.EnableKeyRotation).toBe(true);
  });

  it('lets nobody do everything with it, the account neither', () => {
    const actions = Statement.flatMap(({ Action }) => Action);
    expect(actions.length).toBeGreaterThan(20);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });

  it('can be looked after by the account, policy and deletion included, but not be used to read', () => {
    const manage = find('Manage');
    expect(text(Reflect.get(manage ?? {}, 'Principal').AWS)).toBe(root);
    expect(manage?.Action).toEqual(expect.arrayContaining(['kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion']));
    expect([manage?.Action].flat().filter((one) => /crypt|DataKey|CreateGrant/.test(one ?? ''))).toEqual([]);
  });

  it('is used by whom IAM allows it, through its one service', () => {
    const use = find('Use');
    expect(use?.Action).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
    const conditions = Object.entries(use?.Condition ?? {}).map(([operator, keys]) => [
      operator,
      Object.keys(keys),
    ]);
    expect(conditions).toEqual([['StringEquals', ['kms:ViaService']]]);
    expect(text(use?.Condition?.StringEquals?.['kms:ViaService'])).toBe(
      `${service}.<AWS::Region>.<AWS::URLSuffix>`,
    );
  });

  it.each([
    ['prod', 'RetainExceptOnCreate', undefined],
    ['dev', 'Delete', 7],
  ] as const)('in %s: %s', (stage, DeletionPolicy, days) => {
    const key = one(stages[stage], 'AWS::KMS::Key', name);
    expect(key.DeletionPolicy).toBe(DeletionPolicy);
    expect(key.Properties.PendingWindowInDays).toBe(days);
  });
});

describe('log groups', () => {
  const key = one(pipeline, 'AWS::KMS::Key', 'KeysMessages');
  const { Statement } = (key.Properties as { KeyPolicy: { Statement: Statement[] } }).KeyPolicy;
  const log = Statement.find(({ Sid }) => Sid === 'Log');
  const prefix = 'arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:';
  const allowed = [log?.Condition?.ArnLike?.['kms:EncryptionContext:aws:logs:arn']].flat().map(text);

  it('are all encrypted with it and end', () => {
    const groups = Object.values(pipeline.findResources('AWS::Logs::LogGroup'));
    expect(groups).toHaveLength(10);
    for (const { Properties } of groups) {
      expect(Properties.KmsKeyId).toEqual({ 'Fn::GetAtt': [key.id, 'Arn'] });
      expect(Properties.RetentionInDays).toBe(365);
    }
  });

  it('may use it by CloudWatch Logs alone, those of this stack and the gateway’s and firewall’s', () => {
    expect(text(Reflect.get(log ?? {}, 'Principal').Service)).toBe('logs.<AWS::Region>.<AWS::URLSuffix>');
    expect(allowed).toHaveLength(3);
    expect(allowed).toContain(`${prefix}SluiceProdPipeline-*`);
  });

  it('of a name of ours are among those', () => {
    const names = Object.values(pipeline.findResources('AWS::Logs::LogGroup')).flatMap(({ Properties }) =>
      Properties.LogGroupName === undefined ? [] : [text(Properties.LogGroupName)],
    );
    expect(names).toHaveLength(2);
    expect(allowed).toEqual(expect.arrayContaining(names.map((name) => `${prefix}${name}`)));
  });
});
