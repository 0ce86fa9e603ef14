import * as lambda from '@aws-sdk/client-lambda';
import { clientConfig, type Queries } from './clients.ts';

export const lambdaQueries: Queries<'lambdaAccount' | 'reserved'> = (options) => {
  const client = new lambda.LambdaClient(clientConfig(options));
  return {
    async lambdaAccount() {
      const { AccountLimit: limit = {}, AccountUsage: usage = {} } = await client.send(
        new lambda.GetAccountSettingsCommand({}),
      );
      return { limit, usage };
    },
    async reserved(FunctionName) {
      const { ReservedConcurrentExecutions = 0 } = await client.send(
        new lambda.GetFunctionConcurrencyCommand({ FunctionName }),
      );
      return ReservedConcurrentExecutions;
    },
  };
};
