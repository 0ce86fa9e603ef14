import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IAlias } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ImageStore } from '../storage/image-store.ts';

/** Actions in full, and to whom IAM can give them: a role or user of this account. Whoever cannot have them is told. */
function grant(grantee: IGrantable, actions: string[], resourceArns: string[]): Grant {
  const given = Grant.addToPrincipal({ grantee, actions, resourceArns });
  given.assertSuccess();
  return given;
}

/** Variants, and their key through S3. No originals, and no list of what is there. */
export function grantVariants(grantee: IGrantable, { bucket, key }: ImageStore): Grant {
  const objects = grant(grantee, ['s3:GetObject'], [bucket.arnForObjects('derived/*')]);
  return key === undefined ? objects : objects.combine(grant(grantee, ['kms:Decrypt'], [key.keyArn]));
}

/** The secret with an API key, and the secret's key of KMS where it has one of its own. */
export function grantApiKey(grantee: IGrantable, { secretArn, encryptionKey }: ISecret): Grant {
  const secret = grant(grantee, ['secretsmanager:GetSecretValue'], [secretArn]);
  if (encryptionKey === undefined) return secret;
  return secret.combine(grant(grantee, ['kms:Decrypt'], [encryptionKey.keyArn]));
}

/** To invoke what is live of a function. */
export function grantInvoke(grantee: IGrantable, alias: IAlias): Grant {
  return grant(grantee, ['lambda:InvokeFunction'], [alias.functionArn]);
}
