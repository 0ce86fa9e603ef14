import { GetAccountSummaryCommand, IAMClient } from '@aws-sdk/client-iam';
import type { Questions } from '../questions.ts';
import { type ClientOptions, clientConfig } from './clients.ts';

export function askIam(options: ClientOptions): Pick<Questions, 'iamSummary'> {
  const client = new IAMClient(clientConfig(options));
  return {
    async iamSummary() {
      const { SummaryMap = {} } = await client.send(new GetAccountSummaryCommand({}));
      return SummaryMap;
    },
  };
}
