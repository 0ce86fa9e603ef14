import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import type { AccountQueries } from '../account-queries.ts';
import { type ClientOptions, clientConfig } from './clients.ts';

export function quotaQueries(options: ClientOptions): Pick<AccountQueries, 'quota'> {
  const client = new ServiceQuotasClient(clientConfig(options));
  return {
    async quota(ServiceCode, QuotaCode) {
      const which = { ServiceCode, QuotaCode };
      // For some quotas only the AWS default is available.
      const { Quota } = await client.send(new GetServiceQuotaCommand(which)).catch((error: unknown) => {
        if (error instanceof Error && error.name === 'NoSuchResourceException')
          return client.send(new GetAWSDefaultServiceQuotaCommand(which));
        throw error;
      });
      return {
        name: Quota?.QuotaName ?? QuotaCode,
        value: Quota?.Value ?? Number.POSITIVE_INFINITY,
        adjustable: Quota?.Adjustable,
      };
    },
  };
}
