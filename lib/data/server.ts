import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnDBProxyTargetGroupProps } from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import type { Network } from './network.ts';

/** What both kinds of server are made with. */
export interface ServerProps {
  config: ResolvedConfig;
  network: Network;
  key: IKey;
  /** Of the server or the cluster, in this account and region. RDS names its log groups by it. */
  identifier: string;
}

/** A Postgres of the deployment's own, whatever RDS calls it. */
export interface Server {
  host: string;
  port: string;
  /** RDS makes the owner's password, keeps it in Secrets Manager and changes it every seven days. */
  secret: ISecret;
  /** By which IAM knows its users: `db-…` or `cluster-…`. */
  resourceId: string;
  /** What a proxy in front of it names as its target. */
  target: Pick<CfnDBProxyTargetGroupProps, 'dbInstanceIdentifiers' | 'dbClusterIdentifiers'>;
  /** All of it is there when these are. */
  parts: Construct[];
}

/** The user that owns the database and runs the migrations. */
export const owner = 'sluice_owner';
export const databaseName = 'sluice';

/** What the connection budget counts with, and that nobody gets in without TLS. */
export function parameters({ database }: ResolvedConfig): Record<string, string> {
  return { max_connections: String(database.maxConnections), 'rds.force_ssl': '1' };
}
