import { APIGatewayClient, GetAccountCommand, paginateGetRestApis } from '@aws-sdk/client-api-gateway';
import type { AccountQueries } from '../account-queries.ts';
import { allOf, type ClientOptions, clientConfig } from './clients.ts';

export function gatewayQueries(options: ClientOptions): Pick<AccountQueries, 'gatewayLogRole' | 'restApis'> {
  const client = new APIGatewayClient(clientConfig(options));
  return {
    async gatewayLogRole() {
      const { cloudwatchRoleArn } = await client.send(new GetAccountCommand({}));
      return cloudwatchRoleArn || undefined;
    },
    async restApis() {
      const all = await allOf(paginateGetRestApis({ client }, { limit: 500 }), (page) => page.items);
      return all.filter(({ endpointConfiguration }) => endpointConfiguration?.types?.includes('REGIONAL'))
        .length;
    },
  };
}
