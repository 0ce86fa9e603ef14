import { Lazy } from 'aws-cdk-lib';
import { type Bucket, type CfnBucketPolicy, mixins } from 'aws-cdk-lib/aws-s3';

/** What the CDK's function calls to empty a bucket: it denies new puts, lists and deletes. */
const emptying = [
  ...['s3:GetBucketTagging', 's3:GetBucketPolicy', 's3:PutBucketPolicy', 's3:ListBucketVersions'],
  ...['s3:DeleteObject', 's3:DeleteObjectVersion'],
];

/** Empties a bucket when its stack is deleted, by the CDK's custom resource, without its `s3:GetBucket*` permission. */
export function autoDeleteObjects(bucket: Bucket): void {
  bucket.with(new mixins.BucketAutoDeleteObjects());
  const policy = bucket.policy?.node.defaultChild as CfnBucketPolicy;
  const { policyDocument } = policy;
  policy.policyDocument = Lazy.uncachedAny({
    produce: (context) => narrowed(context.resolve(policyDocument) as PolicyDocument),
  });
}

interface PolicyDocument {
  Statement: { Effect: string; Action: string | string[] }[];
}

function narrowed(document: PolicyDocument): PolicyDocument {
  const Statement = document.Statement.map((statement) =>
    statement.Effect === 'Allow' && [statement.Action].flat().some((action) => action.includes('*'))
      ? { ...statement, Action: emptying }
      : statement,
  );
  return { ...document, Statement };
}
