import { CfnResource, Stack } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { type NotifiedKeys, requireApart } from './notifications.ts';

interface Rendered {
  Events?: string[];
  Filter?: { Key?: { FilterRules?: { Name: 'prefix' | 'suffix'; Value: string }[] } };
}

/**
 * What S3 would refuse of the notifications that the CDK's custom resource is to make of one bucket, by whichever of its
 * constructs they were added. To be asked when the whole app is there.
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
