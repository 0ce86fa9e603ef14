import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import { secretInPolicies } from '../policies/secret-arn.ts';
import { type DatabaseSettings, existingDatabase } from './connection.ts';
import { ownDatabase, type PipelineDatabase } from './database.ts';
import { Endpoints } from './endpoints.ts';
import {
  type ExistingServer,
  functionsIn,
  isServer,
  settingsOfServer,
  vpcOf,
  withoutIam,
} from './existing-server.ts';
import { allowFunctions } from './ingress.ts';

/** The existing resources that decide which database a pipeline uses and where it runs. */
interface ExistingInfrastructure {
  database?: DatabaseSettings | ExistingServer;
  vpc?: IVpc;
  vpcSubnets?: SubnetSelection;
  bucket?: IBucket;
}

/** The database of a pipeline: the one passed as a prop, the one in the configuration, or a new one. */
export function pipelineDatabase(
  scope: Construct,
  config: ResolvedConfig,
  { database, vpc, vpcSubnets, bucket }: ExistingInfrastructure,
): PipelineDatabase {
  if (database === undefined && config.database.connection === undefined)
    return ownDatabase(scope, config, { vpc, subnets: vpcSubnets, bucketArn: bucket?.bucketArn });

  const within = new Construct(scope, 'Existing');
  const inVpc = isServer(database) ? (vpc ?? vpcOf(database)) : vpc;
  const network = inVpc === undefined ? {} : { network: functionsIn(within, inVpc, vpcSubnets) };
  const settings = { ...existing(within, config, database), ...network };
  allowFunctions(within, settings);
  if (isServer(database)) within.node.addValidation({ validate: () => withoutIam(database) });
  // The VPC may be another pipeline's, with endpoints.
  const endpoints = settings.network === undefined ? undefined : Endpoints.of(settings.network.vpc);
  endpoints?.allowPipeline(within, { bucketArn: bucket?.bucketArn, secretArns: passwordsOf(settings) });
  // A cluster has an address before its writer exists, and both exist before the ingress rules for the functions.
  const { server, connections } = settings;
  const groups = [...(connections?.securityGroups ?? []), ...(settings.network?.securityGroups ?? [])];
  return { settings, parts: [within, ...groups, ...(server === undefined ? [] : [server])] };
}

function existing(
  scope: Construct,
  { database: { connection } }: ResolvedConfig,
  given: ExistingInfrastructure['database'],
): DatabaseSettings {
  if (given !== undefined) return isServer(given) ? settingsOfServer(given) : given;
  if (connection === undefined) throw new TypeError('neither a database nor a connection is given');
  return existingDatabase(scope, connection);
}

/** ARNs of the secrets that the functions read, in the form for policies. */
function passwordsOf({ owner, roles }: DatabaseSettings): string[] {
  return [
    ...('secret' in owner ? [secretInPolicies(owner.secret)] : []),
    ...(roles.auth === 'password' ? [secretInPolicies(roles.secret)] : []),
  ];
}
