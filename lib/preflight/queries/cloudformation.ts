import * as cloudFormation from '@aws-sdk/client-cloudformation';
import { allOf, clientConfig, type Queries } from './clients.ts';

export const cloudFormationQueries: Queries<'stack' | 'stackResources'> = (options) => {
  const client = new cloudFormation.CloudFormationClient(clientConfig(options));
  return {
    async stack(name) {
      try {
        const { Stacks = [] } = await client.send(
          new cloudFormation.DescribeStacksCommand({ StackName: name }),
        );
        return Stacks[0];
      } catch (error) {
        // The service's only answer for an unknown name.
        if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
        throw error;
      }
    },
    async stackResources(StackName) {
      const all = await allOf(
        cloudFormation.paginateListStackResources({ client }, { StackName }),
        (page) => page.StackResourceSummaries,
      );
      return all
        .filter(({ ResourceStatus }) => ResourceStatus !== 'DELETE_COMPLETE')
        .map(({ ResourceType: type = '', PhysicalResourceId: id = '' }) => ({ type, id }));
    },
  };
};
