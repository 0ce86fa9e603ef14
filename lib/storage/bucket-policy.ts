import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { longestSignatureSeconds } from '../../lambda/domain/signing.ts';
import type { ResolvedConfig } from '../config/schema.ts';

/**
 * What the bucket refuses to everybody, whatever their roles allow (beside whoever comes without TLS 1.2).
 * @param objects the ARNs of its objects that are ours.
 * @param keyArn the key that it encrypts with unless told otherwise; undefined where that is none of KMS.
 */
export function denyStatements(
  objects: readonly string[],
  keyArn: string | undefined,
  { uploads }: ResolvedConfig,
): PolicyStatement[] {
  return [
    // Tells the age of presigned URLs and POSTs, in milliseconds. Their own expiry is shorter or the same; this holds
    // for those too that somebody signs with a function's credentials for the seven days that S3 would accept.
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
 * A put that names no encryption gets the bucket's key: all of ours, presigned POSTs too. One that names any must name
 * that key; to name `aws:kms` alone would mean the account's own key for S3. A condition on a header that is absent is
 * true in its negated form, so the first line is what lets the others through.
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
