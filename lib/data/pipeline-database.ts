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

/** The database of a pipeline: the one that it is given, the one that the configuration names, or one of its own. */
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
  // Of another pipeline, where that one's VPC is given.
  const endpoints = settings.network === undefined ? undefined : Endpoints.of(settings.network.vpc);
  endpoints?.allowPipeline(within, { bucketArn: bucket?.bucketArn, secretArns: passwordsOf(settings) });
  // The address of a cluster is there before its writer is, and both before the rules that let the functions in.
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

/** Secrets that the functions read, as policies name them. */
function passwordsOf({ owner, roles }: DatabaseSettings): string[] {
  return [
    ...('secret' in owner ? [secretInPolicies(owner.secret)] : []),
    ...(roles.auth === 'password' ? [secretInPolicies(roles.secret)] : []),
  ];
}
