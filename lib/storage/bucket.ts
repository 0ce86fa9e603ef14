import { Aws, Duration, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnPermission, type IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  HttpMethods,
  type LifecycleRule,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import { uniqueName } from '../stacks/unique-name.ts';
import { AccessLogs } from './access-logs.ts';
import { refusals } from './bucket-policy.ts';
import { emptyWithStack } from './emptying.ts';
import type { EncryptionKey } from './keys.ts';

/** Uploads that the API did not put itself: a presigned POST, in one piece or (by other clients) in parts. */
const uploadEvents = ['s3:ObjectCreated:Post', 's3:ObjectCreated:CompleteMultipartUpload'];

/**
 * Originals under `incoming/`, variants under `derived/`. Private, encrypted with a key of its own, its accesses logged;
 * it outlives its stack, but in a stage that is there to be thrown away.
 */
export class ImageBucket extends Construct {
  readonly bucket: Bucket;
  readonly bucketName: string;

  constructor(scope: Construct, id: string, config: ResolvedConfig, { key }: EncryptionKey) {
    super(scope, id);
    const { removal, migration, origins } = config.deploy;
    // A name that is known before the bucket is made: the permission for its notification needs it, and S3
    // checks that permission while it makes the bucket. It ends as the policy of the endpoint has it (Endpoints). Of 63
    // characters 28 are the account and the region, and 9 the stack's.
    const prefix = Names.uniqueResourceName(this, { maxLength: 25, separator: '-' }).toLowerCase();
    this.bucketName = uniqueName(this, prefix, Aws.ACCOUNT_ID, Aws.REGION);
    this.bucket = new Bucket(this, 'Bucket', {
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
      removalPolicy: removal === 'retain' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    for (const statement of refusals(this.bucket.arnForObjects('*'), key.keyArn, config))
      this.bucket.addToResourcePolicy(statement);
    // By a custom resource: where those are not run, somebody empties it first.
    if (removal === 'destroy' && migration === 'deploy') emptyWithStack(this.bucket);
    if (removal === 'retain') this.#log(new AccessLogs(this, 'AccessLogs', config, this.#arn));
  }

  /** By the L1 property: the L2 one gives S3's log delivery an access list, unless a feature flag is set. */
  #log({ bucket }: AccessLogs): void {
    this.#bucket.loggingConfiguration = { destinationBucketName: bucket.bucketName };
    // S3 checks that it may write there when logging is turned on.
    this.#bucket.node.addDependency(bucket);
  }

  /** Its ARN by the name that is known before it is made. */
  get #arn(): string {
    return Stack.of(this).formatArn({ service: 's3', region: '', account: '', resource: this.bucketName });
  }

  get #bucket(): CfnBucket {
    return this.bucket.node.defaultChild as CfnBucket;
  }

  /**
   * Sends the event of each upload to a function. By the L1 property: the L2 one is a custom resource in Python
   * that may write the notifications of every bucket in the account.
   */
  notify(target: IFunction): void {
    const permission = new CfnPermission(this, 'MayInvoke', {
      action: 'lambda:InvokeFunction',
      principal: 's3.amazonaws.com',
      functionName: target.functionArn,
      sourceAccount: Aws.ACCOUNT_ID,
      sourceArn: this.#arn,
    });
    this.#bucket.notificationConfiguration = {
      lambdaConfigurations: uploadEvents.map((event) => ({
        event,
        filter: { s3Key: { rules: [{ name: 'prefix', value: 'incoming/' }] } },
        function: target.functionArn,
      })),
    };
    this.#bucket.addResourceDependency(permission);
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
