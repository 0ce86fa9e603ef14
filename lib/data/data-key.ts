import { Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import { EncryptionKey } from '../encryption/keys.ts';

/** What RDS does with the key in the name of whoever makes, restores or looks into a database. */
const cryptography = [
  ...['kms:DescribeKey', 'kms:Encrypt', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
  ...['kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext'],
];

/**
 * The key of the database, of what RDS writes down about it, and of the log groups with these names. Whom IAM allows
 * the key may use it through RDS only, and for nothing but databases hand it on. No function needs it.
 */
export function dataKey(
  scope: Construct,
  { deploy }: ResolvedConfig,
  logGroups: readonly string[],
): EncryptionKey {
  // Without the key a database that is kept could not be read any more, nor its snapshots: it goes by `removal` too.
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
  // The storage of the server holds the key by a grant.
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
