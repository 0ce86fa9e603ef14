import * as gateway from '@aws-sdk/client-api-gateway';
import { allOf, clientConfig, type Queries } from './clients.ts';

export const gatewayQueries: Queries<'gatewayLogRole' | 'restApis'> = (options) => {
  const client = new gateway.APIGatewayClient(clientConfig(options));
  return {
    async gatewayLogRole() {
      const { cloudwatchRoleArn } = await client.send(new gateway.GetAccountCommand({}));
      return cloudwatchRoleArn || undefined;
    },
    async restApis() {
      const all = await allOf(gateway.paginateGetRestApis({ client }, { limit: 500 }), (page) => page.items);
      return all.filter(({ endpointConfiguration }) => endpointConfiguration?.types?.includes('REGIONAL'))
        .length;
    },
  };
};
