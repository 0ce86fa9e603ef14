import { Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import { EncryptionKey } from '../encryption/keys.ts';

/** What RDS does with the key on behalf of a principal that creates, restores or inspects a database. */
const cryptography = [
  ...['kms:DescribeKey', 'kms:Encrypt', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
  ...['kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext'],
];

/**
 * The key for the database, its monitoring data, and the log groups with these names. Principals that IAM allows may use
 * it through RDS only and grant it to AWS resources only. No function needs it.
 */
export function dataKey(
  scope: Construct,
  { deploy }: ResolvedConfig,
  logGroups: readonly string[],
): EncryptionKey {
  // Follows `removal` too: a retained database and its snapshots cannot be read without the key.
  const encryption = new EncryptionKey(scope, 'Key', {
    description: 'Sluice: database, its logs and those of the network',
    removal: deploy.removal,
  });
  const { region, urlSuffix } = Stack.of(scope);
  const throughRds = { StringEquals: { 'kms:ViaService': `rds.${region}.${urlSuffix}` } };
  const account = { principals: [new AccountRootPrincipal()], resources: ['*'] };
  encryption.key.addToResourcePolicy(
    new PolicyStatement({ ...account, sid: 'Use', actions: cryptography, conditions: throughRds }),
  );
  // The server's storage uses the key by a grant.
  encryption.key.addToResourcePolicy(
    new PolicyStatement({
      ...account,
      sid: 'Grant',
      actions: ['kms:CreateGrant'],
      conditions: { ...throughRds, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    }),
  );
  for (const name of logGroups) encryption.forLogGroups(name);
  return encryption;
}
