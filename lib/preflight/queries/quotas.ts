import * as quotas from '@aws-sdk/client-service-quotas';
import { clientConfig, type Queries } from './clients.ts';

export const quotaQueries: Queries<'quota'> = (options) => {
  const client = new quotas.ServiceQuotasClient(clientConfig(options));
  return {
    async quota(ServiceCode, QuotaCode) {
      const which = { ServiceCode, QuotaCode };
      // For some quotas only the AWS default is available.
      const { Quota } = await client
        .send(new quotas.GetServiceQuotaCommand(which))
        .catch((error: unknown) => {
          if (error instanceof Error && error.name === 'NoSuchResourceException')
            return client.send(new quotas.GetAWSDefaultServiceQuotaCommand(which));
          throw error;
        });
      return {
        name: Quota?.QuotaName ?? QuotaCode,
        value: Quota?.Value ?? Number.POSITIVE_INFINITY,
        adjustable: Quota?.Adjustable,
      };
    },
  };
};
