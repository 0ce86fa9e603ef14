import {
  CloudWatchLogsClient,
  DescribeResourcePoliciesCommand,
  paginateDescribeLogGroups,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Questions } from '../questions.ts';
import { allOf, type ClientOptions, clientConfig } from './clients.ts';

export function askLogs(options: ClientOptions): Pick<Questions, 'logPolicies' | 'logGroups'> {
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
