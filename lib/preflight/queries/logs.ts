import {
  CloudWatchLogsClient,
  DescribeResourcePoliciesCommand,
  paginateDescribeLogGroups,
} from '@aws-sdk/client-cloudwatch-logs';
import type { AccountQueries } from '../account-queries.ts';
import { allOf, type ClientOptions, clientConfig } from './clients.ts';

export function logQueries(options: ClientOptions): Pick<AccountQueries, 'logPolicies' | 'logGroups'> {
  const client = new CloudWatchLogsClient(clientConfig(options));
  return {
    async logPolicies() {
      const { resourcePolicies = [] } = await client.send(new DescribeResourcePoliciesCommand({ limit: 50 }));
      return resourcePolicies;
    },
    async logGroups(logGroupNamePrefix) {
      const groups = await allOf(
        paginateDescribeLogGroups({ client }, { logGroupNamePrefix }),
        (page) => page.logGroups,
      );
      return groups.flatMap(({ logGroupName }) => logGroupName ?? []);
    },
  };
}
