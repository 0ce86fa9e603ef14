import { Duration, Fn, Names, RemovalPolicy } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  BlockPublicAccess,
  BucketEncryption,
  type CfnBucket,
  EventType,
  HttpMethods,
  type LifecycleRule,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { LambdaDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import { AccessLogs } from './access-logs.ts';
import { refusals } from './bucket-policy.ts';
import { emptyWithStack } from './emptying.ts';
import type { EncryptionKey } from './keys.ts';
import { NotifyingBucket } from './notifying-bucket.ts';

/** Uploads that the API did not put itself: a presigned POST, in one piece or (by other clients) in parts. */
const uploadEvents = [EventType.OBJECT_CREATED_POST, EventType.OBJECT_CREATED_COMPLETE_MULTIPART_UPLOAD];

/**
 * Originals under `incoming/`, variants under `derived/`. Private, encrypted with a key of its own, its accesses logged;
 * it outlives its stack, but in a stage that is there to be thrown away.
 */
export class ImageBucket extends Construct {
  readonly bucket: NotifyingBucket;
  readonly bucketName: string;

  constructor(scope: Construct, id: string, config: ResolvedConfig, { key }: EncryptionKey) {
    super(scope, id);
    const { removal, migration, origins } = config.deploy;
    // A name that is known before the bucket is made: the permission for its notification needs it, and S3
    // checks that permission while it makes the bucket. 28 of 63 characters are the account and the region.
    const prefix = Names.uniqueResourceName(this, { maxLength: 34, separator: '-' }).toLowerCase();
    this.bucketName = Fn.sub(`${prefix}-\${AWS::AccountId}-\${AWS::Region}`);
    this.bucket = new NotifyingBucket(this, 'Bucket', {
      bucketName: this.bucketName,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      // One call to KMS for many objects instead of one for each.
      bucketKeyEnabled: true,
      // A ticket admits any number of uploads while it lasts. The first is the image, also when another one follows.
      versioned: true,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: lifecycle(config),
      cors: [
        {
          allowedMethods: [HttpMethods.POST, HttpMethods.GET, HttpMethods.HEAD],
          allowedOrigins: origins,
          allowedHeaders: ['*'],
          exposedHeaders: ['ETag', 'Location'],
          maxAge: 3600,
        },
      ],
      removalPolicy: removal === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    for (const statement of refusals(this.bucket.arnForObjects('*'), key.keyArn, config))
      this.bucket.addToResourcePolicy(statement);
    // By a custom resource: where those are not run, somebody empties it first.
    if (removal === 'destroy' && migration === 'deploy') emptyWithStack(this.bucket);
    if (removal === 'retain') this.#log(new AccessLogs(this, 'AccessLogs', config, this.bucket.bucketArn));
  }

  /** By the L1 property: the L2 one gives S3's log delivery an access list, unless a feature flag is set. */
  #log({ bucket }: AccessLogs): void {
    this.#bucket.loggingConfiguration = { destinationBucketName: bucket.bucketName };
    // S3 checks that it may write there when logging is turned on.
    this.#bucket.node.addDependency(bucket);
  }

  get #bucket(): CfnBucket {
    return this.bucket.node.defaultChild as CfnBucket;
  }

  /** Sends the event of each upload to a function. */
  notify(target: IFunction): void {
    for (const event of uploadEvents)
      this.bucket.addEventNotification(event, new LambdaDestination(target), { prefix: 'incoming/' });
  }
}

function lifecycle({ retention }: ResolvedConfig): LifecycleRule[] {
  const rules: LifecycleRule[] = [
    {
      id: 'abandoned-uploads',
      abortIncompleteMultipartUploadAfter: Duration.days(1),
      expiredObjectDeleteMarker: true,
    },
  ];
  // In a versioned bucket an expiry only hides an object; what is hidden goes a day later. An original that another
  // upload hides is no such object: the sweep takes the other one within minutes.
  const expire = (id: string, prefix: string, days: number | undefined) => {
    if (days === undefined) return;
    const noncurrentVersionExpiration = Duration.days(prefix === 'incoming/' ? days : 1);
    rules.push({ id, prefix, expiration: Duration.days(days), noncurrentVersionExpiration });
  };
  expire('originals', 'incoming/', retention.originalsDays);
  expire('variants', 'derived/', retention.variantsDays);
  return rules;
}
