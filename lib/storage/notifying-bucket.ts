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

/** Properties of L1 constructs that only write the bucket down: they work whether it is there yet or not. */
const written = new Set([
  ...['policyDocument', 'policies', 'keyPolicy', 'sourceArn'],
  ...['environment', 'eventPattern'],
]);

/**
 * A bucket that keeps all its notifications in its own property, whoever adds them. The CDK's bucket adds them by a
 * custom resource, which replaces what the property holds, and may write the notifications of every bucket of the
 * account.
 *
 * S3 asks the destination when the notification is made, so the bucket waits for it. What the destination needs may
 * name the bucket all the same: the bucket's name is known before it is made, and stands as text in policies, environments
 * and event patterns of its stack. Everything else there, and every other stack, refers to the bucket and waits for it.
 */
export class NotifyingBucket extends Bucket {
  readonly #notifications: Notification[] = [];
  #eventBridge = false;

  /** @param props with a name of which every part is known before the bucket is made. */
  constructor(scope: Construct, id: string, props: BucketProps & { bucketName: string }) {
    super(scope, id, props);
    this.#resource.notificationConfiguration = Lazy.uncachedAny({
      produce: () => asProperty(this.#notifications, this.#eventBridge),
    });
    // By this reference other constructs find the policy of a bucket, such as the CDK's mixins.
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
   * Adds a notification to those that are there. The same one twice is one.
   * @throws FilterMistake, or NotificationsOverlap where S3 would refuse it.
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

  /** Looked at when the whole app is there: somebody may have set the property itself. */
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
        `${event} of "${prefix}" is not in NotificationConfiguration any more: somebody has set the property itself, ` +
        'and uploads would wait until their tickets expire. Use addEventNotification().',
    );
  }
}

function eventAndDestination(rendered: unknown): string {
  const { Event, Function: lambda, Queue, Topic } = (rendered ?? {}) as Record<string, unknown>;
  return JSON.stringify([Event, lambda ?? Queue ?? Topic]);
}

/** A function and not a method: the bucket's own constructor asks before a subclass has private members. */
function asText(bucket: Bucket, reference: string, text: string): string {
  return Lazy.uncachedString({
    produce: ({ documentPath, scope }) => {
      const here = Stack.of(scope) === Stack.of(bucket);
      return here && documentPath.some((part) => written.has(part)) ? text : reference;
    },
  });
}
