import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  type CfnDBCluster,
  type CfnDBInstance,
  type CfnDBProxyTargetGroupProps,
  Credentials,
  type IDatabaseCluster,
  type IDatabaseInstance,
  type IEngine,
  ParameterGroup,
} from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import type { OwnerLogin } from './connection.ts';
import { durability } from './durability.ts';
import { databasePort, type Network } from './network.ts';

export interface ServerProps {
  config: ResolvedConfig;
  network: Network;
  key: IKey;
  /** Name of the server or cluster, part of the names of its log groups. */
  identifier: string;
}

/** A database server created by the deployment: an RDS instance or an Aurora cluster. */
export interface Server {
  host: string;
  port: string;
  owner: OwnerLogin;
  /** `db-…` or `cluster-…`, which IAM policies use for its users. */
  resourceId: string;
  /** The target for a proxy. */
  target: Pick<CfnDBProxyTargetGroupProps, 'dbInstanceIdentifiers' | 'dbClusterIdentifiers'>;
  server: IDatabaseInstance | IDatabaseCluster;
  /** The server is complete once these are. */
  parts: Construct[];
  /** Parts without data, always deleted: retained, they would run on and be billed. */
  replaceable?: Construct[];
}

/** The user that owns the database and runs the migrations. */
export const owner = 'sluice_owner';
export const databaseName = 'sluice';

/**
 * The props that both engines share: owner, network, required TLS.
 * @param parameters `id` must differ by engine: their parameter groups have different types, and CloudFormation rejects a
 * new type under an existing logical id.
 */
export function commonServerProps(
  scope: Construct,
  engine: IEngine,
  parameters: { id: string; others?: Record<string, string> },
  { config, network, key }: ServerProps,
) {
  return {
    vpc: network.vpc,
    vpcSubnets: network.subnets,
    securityGroups: [network.database],
    port: databasePort,
    credentials: Credentials.fromUsername(owner),
    // Set even without a password (`ownerLogin`): otherwise the CDK creates a secret.
    manageMasterUserPassword: true,
    iamAuthentication: true,
    parameterGroup: new ParameterGroup(scope, parameters.id, {
      engine,
      description: 'What the connection budget counts with',
      parameters: {
        max_connections: String(config.database.maxConnections),
        'rds.force_ssl': '1',
        ...parameters.others,
      },
    }),
    storageEncryptionKey: key,
    autoMinorVersionUpgrade: true,
    ...durability(config),
  };
}

/**
 * Configures the owner's login. By IAM from creation on, no password exists: no secret, no endpoint to fetch it, no
 * rotation. By password, RDS generates one, stores it in Secrets Manager and rotates it every seven days.
 * @param secret the secret that RDS manages, as exposed by the CDK.
 */
export function ownerLogin(
  server: CfnDBInstance | CfnDBCluster,
  { ownerLogin: by }: ResolvedConfig['database'],
  resourceId: string,
  secret: ISecret | undefined,
): OwnerLogin {
  if (by === 'password') {
    if (secret === undefined) throw new TypeError(`${server.node.path}: RDS named no secret`);
    // Explicit, so that a server whose owner logged in by IAM is updated.
    server.masterUserAuthenticationType = 'password';
    return { secret };
  }
  // RDS rejects any password in addition. The CDK's constructs do not support it yet.
  server.masterUserAuthenticationType = 'iam-db-auth';
  server.manageMasterUserPassword = undefined;
  return { resourceId };
}
