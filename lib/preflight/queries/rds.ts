import {
  paginateDescribeDBClusters,
  paginateDescribeDBInstances,
  paginateDescribeOrderableDBInstanceOptions,
  RDSClient,
} from '@aws-sdk/client-rds';
import type { AccountQueries } from '../account-queries.ts';
import { allOf, type ClientOptions, clientConfig } from './clients.ts';

export function rdsQueries(
  options: ClientOptions,
): Pick<AccountQueries, 'servers' | 'clusters' | 'orderable'> {
  const client = new RDSClient(clientConfig(options));
  return {
    servers: () => allOf(paginateDescribeDBInstances({ client }, {}), (page) => page.DBInstances),
    clusters: () => allOf(paginateDescribeDBClusters({ client }, {}), (page) => page.DBClusters),
    orderable: (Engine, DBInstanceClass) =>
      allOf(
        paginateDescribeOrderableDBInstanceOptions({ client }, { Engine, DBInstanceClass, Vpc: true }),
        (page) => page.OrderableDBInstanceOptions,
      ),
  };
}
