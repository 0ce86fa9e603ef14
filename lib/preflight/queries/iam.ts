import * as iam from '@aws-sdk/client-iam';
import { clientConfig, type Queries } from './clients.ts';

export const iamQueries: Queries<'iamSummary'> = (options) => {
  const client = new iam.IAMClient(clientConfig(options));
  return {
    async iamSummary() {
      const { SummaryMap = {} } = await client.send(new iam.GetAccountSummaryCommand({}));
      return SummaryMap;
    },
  };
};
