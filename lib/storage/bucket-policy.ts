import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { longestSignatureSeconds } from '../../lambda/domain/signing.ts';
import type { ResolvedConfig } from '../config/schema.ts';

/**
 * What the bucket denies to every principal, in addition to requests without TLS 1.2.
 * @param objects the ARNs of the pipeline's objects.
 * @param keyArn the KMS key of the bucket's default encryption, if any.
 */
export function denyStatements(
  objects: readonly string[],
  keyArn: string | undefined,
  { uploads }: ResolvedConfig,
): PolicyStatement[] {
  return [
    // The age of presigned URLs and POSTs, in milliseconds. Their own expiry is at most this; the statement also limits URLs
    // signed with a function's credentials for the seven days that S3 would accept.
    deny('OldSignature', ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], objects, {
      NumericGreaterThan: { 's3:signatureAge': longestSignatureSeconds(uploads) * 1000 },
    }),
    ...(keyArn === undefined ? [] : [otherEncryption(objects, keyArn)]),
    deny('KeyOfTheClient', ['s3:PutObject'], objects, {
      Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' },
    }),
  ];
}

/**
 * A put without encryption headers gets the bucket's key, as all puts of the pipeline do, presigned POSTs included. A put
 * with such a header must name that key; `aws:kms` alone would mean the AWS managed key. A negated condition is true for
 * an absent header, hence the `Null` condition.
 */
function otherEncryption(objects: readonly string[], keyArn: string): PolicyStatement {
  return deny('OtherEncryption', ['s3:PutObject'], objects, {
    Null: { 's3:x-amz-server-side-encryption': 'false' },
    StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': keyArn },
  });
}

function deny(
  sid: string,
  actions: string[],
  objects: readonly string[],
  conditions: Record<string, Record<string, unknown>>,
): PolicyStatement {
  return new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions,
    resources: [...objects],
    conditions,
  });
}
