import { Annotations, FeatureFlags, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Bucket, CfnBucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { LambdaDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import { denyStatements } from './bucket-policy.ts';
import { cors, type ImageStore, lifecycle, uploadEvents, withoutVersions } from './image-store.ts';
import { overlapsOf } from './rendered-notifications.ts';

const keepsNotifications = '@aws-cdk/aws-s3:keepNotificationInImportedBucket';

/**
 * A bucket that was there before, or is made beside the pipeline. It keeps what it has; of ours it gets the
 * notification, and where the app makes it also the denyStatements, the rule for pages and the lifecycle, for the prefixes
 * `incoming/` and `derived/` alone. Of one that the app only knows by name nothing can be seen: it is said what it needs.
 */
export class ExistingBucket extends Construct implements ImageStore {
  readonly bucket: IBucket;
  readonly key: IKey | undefined;
  readonly #notifier: IBucket;

  constructor(scope: Construct, id: string, config: ResolvedConfig, bucket: IBucket) {
    super(scope, id);
    this.bucket = bucket;
    this.key = bucket.encryptionKey;
    const objects = ['incoming/*', 'derived/*'].map((keys) => bucket.arnForObjects(keys));
    for (const statement of denyStatements(objects, this.key?.keyArn, config))
      bucket.addToResourcePolicy(statement);
    // A notification is made in the stack of its bucket and names a function of this one, which names the bucket.
    this.#notifier = Stack.of(bucket) === Stack.of(this) ? bucket : this.#importedCopy(bucket);
    this.node.addValidation({ validate: () => overlapsOf(new Set([bucket, this.#notifier])) });
    if (!(bucket instanceof Bucket)) {
      Annotations.of(this).addInfoV2(
        'sluice:existingBucket',
        'Nothing of this bucket can be seen: it must be versioned, and pages that upload need a CORS rule for POST, GET ' +
          'and HEAD (docs/construct.md, "A bucket that you have").',
      );
      return;
    }
    bucket.addCorsRule(cors(config));
    for (const rule of lifecycle(config, 'incoming/')) bucket.addLifecycleRule(rule);
    this.node.addValidation({
      validate: () => [...this.#sharedBucketMistakes(), ...mistakesOf(bucket, Stack.of(this))],
    });
  }

  get bucketName(): string {
    return this.bucket.bucketName;
  }

  /** By the CDK's custom resource, which keeps the notifications that are there. */
  notify(target: IFunction): void {
    for (const event of uploadEvents)
      this.#notifier.addEventNotification(event, new LambdaDestination(target), { prefix: 'incoming/' });
  }

  /** `incoming/` is one pipeline's: S3 takes no second notification of it. */
  #sharedBucketMistakes(): string[] {
    const users = this.node.root.node
      .findAll()
      .filter((one) => one instanceof ExistingBucket && one.bucket === this.bucket);
    if (users.length < 2) return [];
    return [
      `${this.bucket.node.path} is the bucket of ${users.map(({ node }) => node.path).join(' and ')}: one has to have another.`,
    ];
  }

  #importedCopy({ bucketArn, encryptionKey }: IBucket): IBucket {
    return Bucket.fromBucketAttributes(this, 'Bucket', {
      bucketArn,
      ...(encryptionKey === undefined ? {} : { encryptionKey }),
    });
  }
}

/** Looked at when the whole app is there. */
function mistakesOf(bucket: Bucket, stack: Stack): string[] {
  const resource = bucket.node.defaultChild;
  if (!(resource instanceof CfnBucket)) return [];
  const { path } = bucket.node;
  const elsewhere = Stack.of(bucket) !== stack;
  const replaces =
    bucket.node.tryFindChild('Notifications') !== undefined &&
    !FeatureFlags.of(bucket).isEnabled(keepsNotifications);
  return [
    ...withoutVersions(bucket),
    ...(resource.notificationConfiguration === undefined
      ? []
      : [
          `${path} has notifications in its own property, which ours would replace: add them by addEventNotification().`,
        ]),
    ...(elsewhere && replaces
      ? [
          `${path} has notifications that its own stack writes over ours at each of their changes. Set the feature flag ` +
            `${keepsNotifications}, or make the pipeline in the stack of the bucket.`,
        ]
      : []),
  ];
}
