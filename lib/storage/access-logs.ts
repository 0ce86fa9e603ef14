import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';

/** S3 server access logs of a bucket. S3 removes the signatures of presigned URLs from them. */
export class AccessLogs extends Construct {
  readonly bucket: Bucket;

  /** @param source the ARN of the logged bucket, known before the bucket exists. */
  constructor(scope: Construct, id: string, { deploy }: ResolvedConfig, source: string) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // S3 does not deliver access logs to a bucket with default encryption by KMS.
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      // Logs stay readable even if an object is overwritten.
      versioned: true,
      lifecycleRules: [
        {
          id: 'old',
          expiration: Duration.days(deploy.logDays),
          noncurrentVersionExpiration: Duration.days(deploy.logDays),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Deliver',
        principals: [new ServicePrincipal('logging.s3.amazonaws.com')],
        actions: ['s3:PutObject'],
        resources: [this.bucket.arnForObjects('*')],
        conditions: {
          ArnEquals: { 'aws:SourceArn': source },
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        },
      }),
    );
  }
}
