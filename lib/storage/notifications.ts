import {
  BucketNotificationDestinationType,
  type CfnBucket,
  type NotificationKeyFilter,
} from 'aws-cdk-lib/aws-s3';

/** An event type and a filter on keys. */
export interface NotifiedKeys {
  /** An S3 event type, such as `s3:ObjectCreated:*`. */
  event: string;
  prefix?: string;
  suffix?: string;
}

/** A bucket notification with its destination. */
export interface Notification extends NotifiedKeys {
  type: BucketNotificationDestinationType;
  arn: string;
}

/** S3 allows one prefix and one suffix in a notification. */
export class FilterMistake extends Error {
  override readonly name = 'FilterMistake';
}

/** S3 rejects two notifications for one event with overlapping keys, which fails the deploy. */
export class NotificationsOverlap extends Error {
  override readonly name = 'NotificationsOverlap';
}

/** @throws FilterMistake for an empty filter, or a second prefix or suffix. */
export function keysOf(filters: readonly NotificationKeyFilter[]): Pick<Notification, 'prefix' | 'suffix'> {
  const texts = (name: 'prefix' | 'suffix') => {
    const all = filters.flatMap((filter) => filter[name] ?? []);
    if (all.length > 1) throw new FilterMistake(`a notification has one ${name}, not ${all.join(' and ')}`);
    return all[0] === undefined ? {} : { [name]: all[0] };
  };
  if (filters.some(({ prefix, suffix }) => !prefix && !suffix))
    throw new FilterMistake('a filter of a notification needs a prefix or a suffix');
  return { ...texts('prefix'), ...texts('suffix') };
}

/** @throws NotificationsOverlap if S3 would reject the new notification. */
export function requireApart(there: readonly NotifiedKeys[], added: NotifiedKeys): void {
  const other = there.find((one) => overlap(one, added));
  if (other === undefined) return;
  throw new NotificationsOverlap(
    `${describe(added)} overlaps with the existing ${describe(other)}: S3 rejects two notifications of one event for ` +
      'overlapping keys, whatever their destinations. Narrow its prefix, for example to "derived/", or use ' +
      'enableEventBridgeNotification(), which never overlaps.',
  );
}

function overlap(one: NotifiedKeys, other: NotifiedKeys): boolean {
  const either = (check: (a: NotifiedKeys, b: NotifiedKeys) => boolean) =>
    check(one, other) || check(other, one);
  return (
    either(
      (a, b) => a.event === b.event || (a.event.endsWith('*') && b.event.startsWith(a.event.slice(0, -1))),
    ) &&
    either((a, b) => (a.prefix ?? '').startsWith(b.prefix ?? '')) &&
    either((a, b) => (a.suffix ?? '').endsWith(b.suffix ?? ''))
  );
}

function describe({ event, prefix, suffix }: NotifiedKeys): string {
  const keys = [prefix && `begin with "${prefix}"`, suffix && `end with "${suffix}"`].filter(Boolean);
  return `${event} of ${keys.length === 0 ? 'all keys' : `keys that ${keys.join(' and ')}`}`;
}

/** The bucket's L1 property. */
export function asProperty(
  all: readonly Notification[],
  eventBridge: boolean,
): CfnBucket.NotificationConfigurationProperty {
  const of = (type: BucketNotificationDestinationType) =>
    all
      .filter((one) => one.type === type)
      .map(({ event, arn, ...keys }) => ({ event, arn, ...filterOf(keys) }));
  const { LAMBDA, QUEUE, TOPIC } = BucketNotificationDestinationType;
  const toLambda = of(LAMBDA).map(({ arn, ...rest }) => ({ ...rest, function: arn }));
  const toQueue = of(QUEUE).map(({ arn, ...rest }) => ({ ...rest, queue: arn }));
  const toTopic = of(TOPIC).map(({ arn, ...rest }) => ({ ...rest, topic: arn }));
  return {
    ...(toLambda.length > 0 ? { lambdaConfigurations: toLambda } : {}),
    ...(toQueue.length > 0 ? { queueConfigurations: toQueue } : {}),
    ...(toTopic.length > 0 ? { topicConfigurations: toTopic } : {}),
    ...(eventBridge ? { eventBridgeConfiguration: { eventBridgeEnabled: true } } : {}),
  };
}

function filterOf({ prefix, suffix }: Pick<Notification, 'prefix' | 'suffix'>) {
  const rules = Object.entries({ prefix, suffix }).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value }],
  );
  return rules.length === 0 ? {} : { filter: { s3Key: { rules } } };
}
