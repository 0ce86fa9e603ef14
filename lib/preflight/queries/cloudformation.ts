import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import type { AccountQueries } from '../account-queries.ts';
import { allOf, type ClientOptions, clientConfig } from './clients.ts';

export function cloudFormationQueries(
  options: ClientOptions,
): Pick<AccountQueries, 'stack' | 'stackResources'> {
  const client = new CloudFormationClient(clientConfig(options));
  return {
    async stack(name) {
      try {
        const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
        return Stacks[0];
      } catch (error) {
        // The service's only answer for an unknown name.
        if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
        throw error;
      }
    },
    async stackResources(StackName) {
      const all = await allOf(
        paginateListStackResources({ client }, { StackName }),
        (page) => page.StackResourceSummaries,
      );
      return all
        .filter(({ ResourceStatus }) => ResourceStatus !== 'DELETE_COMPLETE')
        .map(({ ResourceType: type = '', PhysicalResourceId: id = '' }) => ({ type, id }));
    },
  };
}
