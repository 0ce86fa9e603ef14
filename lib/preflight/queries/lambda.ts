import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import type { AccountQueries } from '../account-queries.ts';
import { type ClientOptions, clientConfig } from './clients.ts';

export function lambdaQueries(options: ClientOptions): Pick<AccountQueries, 'lambdaAccount' | 'reserved'> {
  const client = new LambdaClient(clientConfig(options));
  return {
    async lambdaAccount() {
      const { AccountLimit: limit = {}, AccountUsage: usage = {} } = await client.send(
        new GetAccountSettingsCommand({}),
      );
      return { limit, usage };
    },
    async reserved(FunctionName) {
      const { ReservedConcurrentExecutions = 0 } = await client.send(
        new GetFunctionConcurrencyCommand({ FunctionName }),
      );
      return ReservedConcurrentExecutions;
    },
  };
}
