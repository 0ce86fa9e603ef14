import { Names, RemovalPolicies, RemovalPolicy } from 'aws-cdk-lib';
import { Connections, Port } from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import type { ResolvedConfig } from '../config/schema.ts';
import { uniqueName } from '../naming/unique-name.ts';
import { aurora, auroraLogs } from './aurora.ts';
import type { DatabaseSettings } from './connection.ts';
import { dataKey } from './data-key.ts';
import { durability } from './durability.ts';
import { databasePort, Network, type NetworkPlacement } from './network.ts';
import { postgres, postgresLogs } from './postgres.ts';
import { DatabaseProxy, proxyLogName } from './proxy.ts';
import { databaseName, owner, type Server, type ServerProps } from './server.ts';

/** What `database.engine` chooses from: how each is made, and where RDS writes its log. */
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

/** A database of the deployment's own. */
export interface PipelineDatabase {
  settings: DatabaseSettings;
  /** All of it is there when these are. */
  parts: IConstruct[];
}

/**
 * A network and a Postgres in it, as `database` of the configuration chooses: RDS or Aurora, with a proxy in front of
 * it or without. Functions log in by IAM, and so does the owner unless it is given a password.
 *
 * The server has a name of our own, for two reasons. Its log groups can be made before it, with a retention and a key;
 * RDS would make them for ever and without. And no change to a template can replace it: CloudFormation would have to
 * make a second one of the same name.
 */
export function ownDatabase(
  scope: Construct,
  config: ResolvedConfig,
  place?: NetworkPlacement,
): PipelineDatabase {
  const { make, logs } = engines[config.database.engine];
  const { proxy: proxied } = config.database;
  const kept = config.deploy.removal === 'retain';
  // RDS takes 63 characters, begins with a letter and knows no capitals.
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
  // Before the server, which would make them itself.
  database.node.addDependency(...Object.entries(serverLogs).map(([id, name]) => logGroup(id, name)));
  // Last of all: a deploy that fails before it has nothing to take back that is protected from being deleted.
  database.node.addDependency(network);
  const props: ServerProps = { config, network, key, identifier };
  const server = make(database, props);
  // The subnet group and the parameters too, without which a server that is kept does not start again.
  if (kept) RemovalPolicies.of(database).retainOnUpdateOrDelete();
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
  };
  if (!proxied) return { settings, parts: [network, database] };
  const proxy = new DatabaseProxy(scope, 'Proxy', props, server);
  // It goes with the proxy, whatever is kept: turned on again, the proxy has the same name.
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
