import { Construct } from 'constructs';
import { secretInPolicies } from '../compute/secret-arn.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { type ExistingParts, isServer } from '../props/parts.ts';
import { admitFunctions } from './admission.ts';
import { type DatabaseSettings, existingDatabase } from './connection.ts';
import { type OwnDatabase, ownDatabase } from './database.ts';
import { Endpoints } from './endpoints.ts';
import { functionsIn, settingsOfServer, vpcOf, withoutIam } from './existing-server.ts';

/** The database of a pipeline: the one that it is given, the one that the configuration names, or one of its own. */
export function pipelineDatabase(
  scope: Construct,
  config: ResolvedConfig,
  parts: ExistingParts,
): OwnDatabase {
  const { database, vpc, vpcSubnets, bucket } = parts;
  if (database === undefined && config.database.connection === undefined)
    return ownDatabase(scope, config, { vpc, subnets: vpcSubnets, bucketArn: bucket?.bucketArn });

  const within = new Construct(scope, 'Existing');
  const inVpc = isServer(database) ? (vpc ?? vpcOf(database)) : vpc;
  const network = inVpc === undefined ? {} : { network: functionsIn(within, inVpc, vpcSubnets) };
  const settings = { ...existing(within, config, database), ...network };
  admitFunctions(within, settings);
  if (isServer(database)) within.node.addValidation({ validate: () => withoutIam(database) });
  // Of another pipeline, where that one's VPC is given.
  const endpoints = settings.network === undefined ? undefined : Endpoints.of(settings.network.vpc);
  endpoints?.open(within, { bucketArn: bucket?.bucketArn, secretArns: passwordsOf(settings) });
  // The address of a cluster is there before its writer is, and both before the rules that let the functions in.
  const { server, connections } = settings;
  const groups = [...(connections?.securityGroups ?? []), ...(settings.network?.securityGroups ?? [])];
  return { settings, parts: [within, ...groups, ...(server === undefined ? [] : [server])] };
}

function existing(
  scope: Construct,
  { database: { connection } }: ResolvedConfig,
  given: ExistingParts['database'],
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
