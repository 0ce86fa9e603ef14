import { Names, RemovalPolicies, RemovalPolicy } from 'aws-cdk-lib';
import { Connections, Port } from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { hasCache } from '../config/counters.ts';
import type { ResolvedConfig } from '../config/schema.ts';

import { uniqueName } from '../naming/unique-name.ts';
import { aurora, auroraLogs } from './aurora.ts';
import type { DatabaseSettings } from './connection.ts';
import { CountersCache } from './counters-cache.ts';
import { dataKey } from './data-key.ts';
import { durability } from './durability.ts';
import { databasePort, Network, type NetworkPlacement } from './network.ts';
import { postgres, postgresLogs } from './postgres.ts';
import { DatabaseProxy, proxyLogName } from './proxy.ts';
import { databaseName, owner, type Server, type ServerProps } from './server.ts';

/** The values of `database.engine`: the constructor of each, and its log groups. */
const engines = {
  postgres: { make: postgres, logs: postgresLogs },
  'aurora-serverless': { make: aurora, logs: auroraLogs },
} satisfies Record<
  ResolvedConfig['database']['engine'],
  {
    make: (scope: Construct, props: ServerProps) => Server;
    logs: (identifier: string) => Record<string, string>;
  }
>;

/** The settings of a pipeline's database, and the constructs to wait for. */
export interface PipelineDatabase {
  settings: DatabaseSettings;
  /** The database is complete once these are. */
  parts: IConstruct[];
}

/**
 * A network and a Postgres in it, as configured by `database`: RDS or Aurora, with or without a proxy. Functions log in by
 * IAM, and so does the owner unless it has a password.
 *
 * The server has an explicit name for two reasons. Its log groups can be created first, with a retention and a key; RDS
 * would create them with neither. And no template change can replace the server, because CloudFormation cannot create a
 * second one of the same name.
 */
export function ownDatabase(
  scope: Construct,
  config: ResolvedConfig,
  place?: NetworkPlacement,
): PipelineDatabase {
  const { make, logs } = engines[config.database.engine];
  const { proxy: proxied } = config.database;
  const retained = config.deploy.removal === 'retain';
  // RDS allows 63 characters, lower case, beginning with a letter.
  const path = Names.uniqueResourceName(scope, { maxLength: 40 }).toLowerCase();
  const identifier = uniqueName(scope, path);
  const serverLogs = logs(identifier);
  const flowLog = `/sluice/${identifier}/network`;
  const proxyLog = proxyLogName(identifier);

  const { key } = dataKey(scope, config, [
    flowLog,
    ...Object.values(serverLogs),
    ...(proxied ? [proxyLog] : []),
  ]);
  const within = new Construct(scope, 'Logs');
  const logGroup = (id: string, logGroupName: string, removalPolicy = durability(config).removalPolicy) =>
    new LogGroup(within, id, {
      logGroupName,
      encryptionKey: key,
      retention: config.deploy.logDays,
      removalPolicy,
    });
  const flows = place?.vpc === undefined ? logGroup('Network', flowLog) : undefined;
  const network = new Network(scope, 'Network', config, flows, place);
  const database = new Construct(scope, 'Database');
  // Before the server, which would create them itself.
  database.node.addDependency(...Object.entries(serverLogs).map(([id, name]) => logGroup(id, name)));
  const cache = hasCache(config.counters)
    ? new CountersCache(scope, 'Counters', config.counters, network.forFunctions)
    : undefined;
  if (cache !== undefined) database.node.addDependency(cache);
  // Created last: CloudFormation cannot roll back a server with deletion protection.
  database.node.addDependency(network);
  const props: ServerProps = { config, network, key, identifier };
  const server = make(database, props);
  // Includes the subnet group and the parameters, without which a retained server cannot restart.
  if (retained) RemovalPolicies.of(database).retainOnUpdateOrDelete();
  for (const replaceable of server.replaceable ?? []) RemovalPolicies.of(replaceable).destroy();

  const { host, port, owner: login, resourceId } = server;
  const settings: DatabaseSettings = {
    host,
    port,
    name: databaseName,
    tls: 'verify',
    owner: { user: owner, ...login },
    roles: { auth: 'iam', resourceId },
    network: network.forFunctions,
    connections: new Connections({
      securityGroups: [network.database],
      defaultPort: Port.tcp(databasePort),
    }),
    server: server.server,
    ...(cache === undefined ? {} : { counters: cache.settings }),
  };
  if (!proxied) return { settings, parts: [network, database] };
  const proxy = new DatabaseProxy(scope, 'Proxy', props, server);
  // Always deleted with the proxy: a proxy that is turned on again has the same name.
  proxy.node.addDependency(logGroup('Proxy', proxyLog, RemovalPolicy.DESTROY));
  return {
    settings: {
      ...settings,
      host: proxy.host,
      port: proxy.port,
      owner: { ...settings.owner, address: { host, port } },
      roles: { auth: 'iam', resourceId: proxy.resourceId },
      pooled: true,
    },
    parts: [network, database, proxy],
  };
}
