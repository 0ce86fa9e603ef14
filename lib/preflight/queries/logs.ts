import * as logs from '@aws-sdk/client-cloudwatch-logs';
import { allOf, clientConfig, type Queries } from './clients.ts';

export const logQueries: Queries<'logPolicies' | 'logGroups'> = (options) => {
  const client = new logs.CloudWatchLogsClient(clientConfig(options));
  return {
    async logPolicies() {
      const { resourcePolicies = [] } = await client.send(
        new logs.DescribeResourcePoliciesCommand({ limit: 50 }),
      );
      return resourcePolicies;
    },
    async logGroups(logGroupNamePrefix) {
      const groups = await allOf(
        logs.paginateDescribeLogGroups({ client }, { logGroupNamePrefix }),
        (page) => page.logGroups,
      );
      return groups.flatMap(({ logGroupName }) => logGroupName ?? []);
    },
  };
};
