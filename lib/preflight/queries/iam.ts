import { GetAccountSummaryCommand, IAMClient } from '@aws-sdk/client-iam';
import type { AccountQueries } from '../account-queries.ts';
import { type ClientOptions, clientConfig } from './clients.ts';

export function iamQueries(options: ClientOptions): Pick<AccountQueries, 'iamSummary'> {
  const client = new IAMClient(clientConfig(options));
  return {
    async iamSummary() {
      const { SummaryMap = {} } = await client.send(new GetAccountSummaryCommand({}));
      return SummaryMap;
    },
  };
}
