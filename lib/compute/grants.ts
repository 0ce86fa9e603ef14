import { type Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IAlias } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { secretInPolicies } from '../policies/secret-arn.ts';
import type { ImageStore } from '../storage/image-store.ts';

/** IAM cannot grant this; the CDK would ignore it silently. */
export class GrantImpossible extends Error {
  override readonly name = 'GrantImpossible';
}

/** Grants actions to a role or user of the pipeline's account. @throws GrantImpossible */
function grant(grantee: IGrantable, actions: string[], resource: { arn: string; stack: Stack }): Grant {
  const { principalAccount } = grantee.grantPrincipal;
  if (
    principalAccount !== undefined &&
    Token.compareStrings(principalAccount, resource.stack.account) === TokenComparison.DIFFERENT
  )
    throw new GrantImpossible(
      `${actions.join()} cannot be granted to account ${principalAccount}: only to roles and users of ${resource.stack.account}`,
    );
  const given = Grant.addToPrincipal({ grantee, actions, resourceArns: [resource.arn] });
  if (given.success) return given;
  throw new GrantImpossible(
    `${actions.join()} can be granted to a role or a user only, not to all principals or to a service`,
  );
}

/** Reads variants, and decrypts them through S3. No originals, no listing. */
export function grantVariants(grantee: IGrantable, stack: Stack, { bucket, key }: ImageStore): Grant {
  const objects = grant(grantee, ['s3:GetObject'], { arn: bucket.arnForObjects('derived/*'), stack });
  return key === undefined
    ? objects
    : objects.combine(grant(grantee, ['kms:Decrypt'], { arn: key.keyArn, stack }));
}

/** Reads the secret with an API key, and decrypts it with its KMS key if it has one. */
export function grantApiKey(grantee: IGrantable, stack: Stack, secret: ISecret): Grant {
  const { encryptionKey } = secret;
  const reading = grant(grantee, ['secretsmanager:GetSecretValue'], { arn: secretInPolicies(secret), stack });
  return encryptionKey === undefined
    ? reading
    : reading.combine(grant(grantee, ['kms:Decrypt'], { arn: encryptionKey.keyArn, stack }));
}

export function grantInvoke(grantee: IGrantable, stack: Stack, alias: IAlias): Grant {
  return grant(grantee, ['lambda:InvokeFunction'], { arn: alias.functionArn, stack });
}
