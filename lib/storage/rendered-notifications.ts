import { CfnResource, Stack } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { type NotifiedKeys, requireApart } from './notifications.ts';

interface Rendered {
  Events?: string[];
  Filter?: { Key?: { FilterRules?: { Name: 'prefix' | 'suffix'; Value: string }[] } };
}

/**
 * Overlaps among the notifications that the CDK's custom resource would create for one bucket, through any of its
 * constructs. Run it once the app is complete.
 */
export function overlapsOf(constructs: Iterable<IBucket>): string[] {
  const there: NotifiedKeys[] = [];
  return [...constructs].flatMap(notificationsOf).flatMap((added) => {
    try {
      requireApart(there, added);
      there.push(added);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
}

function notificationsOf(bucket: IBucket): NotifiedKeys[] {
  const resource = bucket.node.tryFindChild('Notifications')?.node.tryFindChild('Resource');
  if (!CfnResource.isCfnResource(resource)) return [];
  const { Resources } = Stack.of(resource).resolve(resource._toCloudFormation()) as {
    Resources: Record<string, { Properties: { NotificationConfiguration: Record<string, Rendered[]> } }>;
  };
  return Object.values(Resources)
    .flatMap(({ Properties }) => Object.values(Properties.NotificationConfiguration).flat())
    .flatMap(({ Events = [], Filter }) => {
      const rules = Filter?.Key?.FilterRules ?? [];
      const keys = Object.fromEntries(rules.map(({ Name, Value }) => [Name, Value]));
      return Events.map((event) => ({ event, ...keys }));
    });
}
