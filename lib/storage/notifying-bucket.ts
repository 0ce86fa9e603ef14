import { Lazy, Stack } from 'aws-cdk-lib';
import {
  Bucket,
  type BucketProps,
  type CfnBucket,
  type CfnBucketPolicy,
  type EventType,
  type IBucketNotificationDestination,
  type NotificationKeyFilter,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { asProperty, keysOf, type Notification, requireApart } from './notifications.ts';

/** L1 properties that only mention the bucket: they work before the bucket exists. */
const written = new Set([
  ...['policyDocument', 'policies', 'keyPolicy', 'sourceArn'],
  ...['environment', 'eventPattern'],
]);

/**
 * A bucket with all notifications in its own L1 property. The CDK's bucket uses a custom resource instead, which replaces
 * the property and may write the notifications of every bucket in the account.
 *
 * S3 validates the destination when a notification is created, so the bucket depends on it. The destination's resources
 * may still name the bucket: its name is known in advance and rendered as text in policies, environments and event
 * patterns of its stack. Everything else, and every other stack, refers to the bucket and waits for it.
 */
export class NotifyingBucket extends Bucket {
  readonly #notifications: Notification[] = [];
  #eventBridge = false;

  /** @param props with a name that is known before the bucket exists. */
  constructor(scope: Construct, id: string, props: BucketProps & { bucketName: string }) {
    super(scope, id, props);
    this.#resource.notificationConfiguration = Lazy.uncachedAny({
      produce: () => asProperty(this.#notifications, this.#eventBridge),
    });
    // Other constructs, such as the CDK's mixins, find a bucket's policy by this reference.
    if (this.policy !== undefined)
      (this.policy.node.defaultChild as CfnBucketPolicy).bucket = this.#resource.ref;
    this.node.addValidation({ validate: () => this.#lostNotifications() });
  }

  override get bucketName(): string {
    return asText(this, super.bucketName, this.physicalName);
  }

  override get bucketArn(): string {
    const known = { service: 's3', region: '', account: '', resource: this.physicalName };
    return asText(this, super.bucketArn, Stack.of(this).formatArn(known));
  }

  /**
   * Adds a notification. Adding the same one again has no effect.
   * @throws FilterMistake, or NotificationsOverlap if S3 would reject it.
   */
  override addEventNotification(
    event: EventType,
    destination: IBucketNotificationDestination,
    ...filters: NotificationKeyFilter[]
  ): void {
    const keys = keysOf(filters);
    const { type, arn, dependencies = [] } = destination.bind(this, this);
    const added: Notification = { type, arn, event, ...keys };
    const same = JSON.stringify(Stack.of(this).resolve(added));
    if (this.#notifications.some((one) => JSON.stringify(Stack.of(this).resolve(one)) === same)) return;
    requireApart(this.#notifications, added);
    this.#notifications.push(added);
    this.#resource.node.addDependency(...dependencies);
  }

  override enableEventBridgeNotification(): void {
    this.#eventBridge = true;
  }

  get #resource(): CfnBucket {
    return this.node.defaultChild as CfnBucket;
  }

  /** Run once the app is complete: the app may have overwritten the property. */
  #lostNotifications(): string[] {
    const stack = Stack.of(this);
    const { Resources } = stack.resolve(this.#resource._toCloudFormation()) as {
      Resources: Record<string, { Properties?: { NotificationConfiguration?: Record<string, unknown> } }>;
    };
    const [rendered] = Object.values(Resources);
    const found = new Set(
      Object.values(rendered?.Properties?.NotificationConfiguration ?? {})
        .flat()
        .map(eventAndDestination),
    );
    const missing = this.#notifications.filter(
      ({ event, arn }) => !found.has(JSON.stringify([event, stack.resolve(arn)])),
    );
    return missing.map(
      ({ event, prefix = '' }) =>
        `${event} of "${prefix}" is missing from NotificationConfiguration: the property was overwritten, and uploads ` +
        'would wait until their tickets expire. Use addEventNotification().',
    );
  }
}

function eventAndDestination(rendered: unknown): string {
  const { Event, Function: lambda, Queue, Topic } = (rendered ?? {}) as Record<string, unknown>;
  return JSON.stringify([Event, lambda ?? Queue ?? Topic]);
}

/** A function, not a method: the base constructor calls it before private members exist. */
function asText(bucket: Bucket, reference: string, text: string): string {
  return Lazy.uncachedString({
    produce: ({ documentPath, scope }) => {
      const here = Stack.of(scope) === Stack.of(bucket);
      return here && documentPath.some((part) => written.has(part)) ? text : reference;
    },
  });
}
