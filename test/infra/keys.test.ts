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

  it('the key rotates', () => {
    expect(key.Properties.EnableKeyRotation).toBe(true);
  });

  it('the key policy allows no principal every action, not even the account', () => {
    const actions = Statement.flatMap(({ Action }) => Action);
    expect(actions.length).toBeGreaterThan(20);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });

  it('the account may administer the key, including policy and deletion, but not decrypt', () => {
    const manage = find('Manage');
    expect(text(Reflect.get(manage ?? {}, 'Principal').AWS)).toBe(root);
    expect(manage?.Action).toEqual(expect.arrayContaining(['kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion']));
    expect([manage?.Action].flat().filter((one) => /crypt|DataKey|CreateGrant/.test(one ?? ''))).toEqual([]);
  });

  it('principals that IAM allows use the key through its service only', () => {
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

  it('all log groups are encrypted with the messages key and have a retention', () => {
    const groups = Object.values(pipeline.findResources('AWS::Logs::LogGroup'));
    expect(groups).toHaveLength(17);
    for (const { Properties } of groups) {
      expect(Properties.KmsKeyId).toEqual({ 'Fn::GetAtt': [key.id, 'Arn'] });
      expect(Properties.RetentionInDays).toBe(365);
    }
  });

  it('only CloudWatch Logs may use the key, for the log groups of this stack, gateway and firewall', () => {
    expect(text(Reflect.get(log ?? {}, 'Principal').Service)).toBe('logs.<AWS::Region>.<AWS::URLSuffix>');
    expect(allowed).toHaveLength(3);
    expect(allowed).toContain(`${prefix}SluiceProdPipeline-*`);
  });

  it('the key covers log groups with explicit names', () => {
    const names = Object.values(pipeline.findResources('AWS::Logs::LogGroup')).flatMap(({ Properties }) =>
      Properties.LogGroupName === undefined ? [] : [text(Properties.LogGroupName)],
    );
    expect(names).toHaveLength(2);
    expect(allowed).toEqual(expect.arrayContaining(names.map((name) => `${prefix}${name}`)));
  });
});
