import * as rds from '@aws-sdk/client-rds';
import { allOf, clientConfig, type Queries } from './clients.ts';

export const rdsQueries: Queries<'servers' | 'clusters' | 'orderable'> = (options) => {
  const client = new rds.RDSClient(clientConfig(options));
  return {
    servers: () => allOf(rds.paginateDescribeDBInstances({ client }, {}), (page) => page.DBInstances),
    clusters: () => allOf(rds.paginateDescribeDBClusters({ client }, {}), (page) => page.DBClusters),
    orderable: (Engine, DBInstanceClass) =>
      allOf(
        rds.paginateDescribeOrderableDBInstanceOptions({ client }, { Engine, DBInstanceClass, Vpc: true }),
        (page) => page.OrderableDBInstanceOptions,
      ),
  };
};
