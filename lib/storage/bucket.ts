import { Aws, Names, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  BlockPublicAccess,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { LambdaDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import type { EncryptionKey } from '../encryption/keys.ts';
import { uniqueName } from '../naming/unique-name.ts';
import { AccessLogs } from './access-logs.ts';
import { autoDeleteObjects } from './auto-delete-objects.ts';
import { denyStatements } from './bucket-policy.ts';
import { cors, type ImageStore, lifecycle, uploadEvents, withoutVersions } from './image-store.ts';
import { NotifyingBucket } from './notifying-bucket.ts';

/**
 * Originals under `incoming/`, variants under `derived/`. Private, encrypted with its own key, with access logs. It
 * outlives its stack unless `deploy.removal` is `destroy`.
 */
export class ImageBucket extends Construct implements ImageStore {
  readonly bucket: IBucket;
  readonly key: IKey;

  constructor(scope: Construct, id: string, config: ResolvedConfig, { key }: EncryptionKey) {
    super(scope, id);
    this.key = key;
    const { removal, migration } = config.deploy;
    // The name must be known before the bucket exists: the permission for its notification needs it, and S3 checks that
    // permission while creating the bucket. Endpoints relies on the suffix. Of 63 characters, account and region take 28
    // and the stack's digits 9.
    const prefix = Names.uniqueResourceName(this, { maxLength: 25, separator: '-' }).toLowerCase();
    const bucketName = uniqueName(this, prefix, Aws.ACCOUNT_ID, Aws.REGION);
    const bucket = new NotifyingBucket(this, 'Bucket', {
      bucketName,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      // One KMS call for many objects instead of one each.
      bucketKeyEnabled: true,
      // A ticket allows several uploads until it expires. The first one is the image, even if another follows.
      versioned: true,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: lifecycle(config, { shared: false }),
      cors: [cors(config)],
      removalPolicy: removal === 'retain' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    // With exactOptionalPropertyTypes the class does not match its own interface.
    this.bucket = bucket as IBucket;
    for (const statement of denyStatements([bucket.arnForObjects('*')], key.keyArn, config))
      bucket.addToResourcePolicy(statement);
    // The app may have changed the property.
    this.node.addValidation({ validate: () => withoutVersions(bucket) });
    // Needs a custom resource; without them, empty the bucket by hand first.
    if (removal === 'destroy' && migration === 'deploy') autoDeleteObjects(bucket);
    if (removal === 'retain') this.#log(new AccessLogs(this, 'AccessLogs', config, bucket.bucketArn));
  }

  get bucketName(): string {
    return this.bucket.bucketName;
  }

  /** Uses the L1 property: the L2 property adds an ACL for log delivery unless a feature flag is set. */
  #log({ bucket }: AccessLogs): void {
    this.#bucket.loggingConfiguration = { destinationBucketName: bucket.bucketName };
    // S3 checks its permission to write when logging is turned on.
    this.#bucket.node.addDependency(bucket);
  }

  get #bucket(): CfnBucket {
    return this.bucket.node.defaultChild as CfnBucket;
  }

  notify(target: IFunction): void {
    for (const event of uploadEvents)
      this.bucket.addEventNotification(event, new LambdaDestination(target), { prefix: 'incoming/' });
  }
}
