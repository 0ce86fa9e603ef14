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
 * An existing bucket. It keeps its properties and gets the pipeline's notification. If the app creates the bucket, it also
 * gets the deny statements, the CORS rule and the lifecycle rules, for the prefixes `incoming/`, `derived/` and
 * `exports/` only. An imported bucket cannot be inspected: synth reports what it needs.
 */
export class ExistingBucket extends Construct implements ImageStore {
  readonly bucket: IBucket;
  readonly key: IKey | undefined;
  readonly #notifier: IBucket;

  constructor(scope: Construct, id: string, config: ResolvedConfig, bucket: IBucket) {
    super(scope, id);
    this.bucket = bucket;
    this.key = bucket.encryptionKey;
    const objects = ['incoming/*', 'derived/*', 'exports/*'].map((keys) => bucket.arnForObjects(keys));
    for (const statement of denyStatements(objects, this.key?.keyArn, config))
      bucket.addToResourcePolicy(statement);
    // The CDK creates a notification in the bucket's stack, where it refers to a function of this stack: a cycle.
    this.#notifier = Stack.of(bucket) === Stack.of(this) ? bucket : this.#importedCopy(bucket);
    this.node.addValidation({ validate: () => overlapsOf(new Set([bucket, this.#notifier])) });
    if (!(bucket instanceof Bucket)) {
      Annotations.of(this).addInfoV2(
        'sluice:existingBucket',
        'An imported bucket cannot be inspected: it must be versioned, needs a lifecycle rule that aborts incomplete multipart ' +
          'uploads under incoming/ and exports/, and pages that upload need a CORS rule for POST, GET and HEAD ' +
          '(docs/construct.md, "An existing bucket").',
      );
      return;
    }
    bucket.addCorsRule(cors(config));
    for (const rule of lifecycle(config, { shared: true })) bucket.addLifecycleRule(rule);
    this.node.addValidation({
      validate: () => [...this.#sharedBucketMistakes(), ...mistakesOf(bucket, Stack.of(this))],
    });
  }

  get bucketName(): string {
    return this.bucket.bucketName;
  }

  /** Uses the CDK's custom resource, which keeps the existing notifications. */
  notify(target: IFunction): void {
    for (const event of uploadEvents)
      this.#notifier.addEventNotification(event, new LambdaDestination(target), { prefix: 'incoming/' });
  }

  /** Only one pipeline can use `incoming/`: S3 rejects a second notification for it. */
  #sharedBucketMistakes(): string[] {
    const users = this.node.root.node
      .findAll()
      .filter((one) => one instanceof ExistingBucket && one.bucket === this.bucket);
    if (users.length < 2) return [];
    return [
      `${this.bucket.node.path} is the bucket of ${users.map(({ node }) => node.path).join(' and ')}: each pipeline needs its own bucket.`,
    ];
  }

  #importedCopy({ bucketArn, encryptionKey }: IBucket): IBucket {
    return Bucket.fromBucketAttributes(this, 'Bucket', {
      bucketArn,
      ...(encryptionKey === undefined ? {} : { encryptionKey }),
    });
  }
}

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
          `${path} has notifications in its notificationConfiguration property, which the pipeline's would replace: add them with addEventNotification().`,
        ]),
    ...(elsewhere && replaces
      ? [
          `${path} has notifications whose changes would overwrite the pipeline's. Set the feature flag ` +
            `${keepsNotifications}, or create the pipeline in the bucket's stack.`,
        ]
      : []),
  ];
}
