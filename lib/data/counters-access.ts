import { Annotations, ArnFormat, Stack } from 'aws-cdk-lib';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { VariablesOf } from '../../lambda/runtime/environment-parts.ts';
import { ConfigMistakes } from '../config/resolve.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { allow } from '../policies/allow.ts';
import { secretInPolicies } from '../policies/secret-arn.ts';
import type { CacheSettings, DatabaseSettings, FunctionNetwork } from './connection.ts';
import { allowOut, CountersCache } from './counters-cache.ts';
import { Endpoints } from './endpoints.ts';

type Connection = NonNullable<ResolvedConfig['counters']['connection']>;

/** What the API needs to count elsewhere than in Postgres; empty if it counts there. */
export interface CountersAccess {
  environment: VariablesOf<'counters'>;
  /** The cache and its user, for a login by IAM. */
  arns: readonly string[];
  /** For a login by password. */
  statements: readonly PolicyStatement[];
}

/** Creates the cache of the configuration, or allows the functions to reach an existing server. @throws ConfigMistakes */
export function countersAccess(
  scope: Construct,
  { counters }: ResolvedConfig,
  database: DatabaseSettings,
): CountersAccess {
  const { network } = database;
  const { store, connection, whenAway } = counters;
  if (store === 'postgres') return { environment: {}, arns: [], statements: [] };
  const within = new Construct(scope, 'Counters');
  const away = { COUNTERS_WHEN_AWAY: whenAway };
  if (connection !== undefined) {
    const { environment, ...access } = existingServer(within, connection, network);
    return { environment: { ...environment, ...away }, ...access };
  }
  const { host, port, cache, user } = database.counters ?? ownCache(within, counters, network);
  return {
    environment: {
      COUNTERS_HOST: host,
      COUNTERS_PORT: port,
      COUNTERS_TLS: 'verify',
      COUNTERS_AUTH: 'iam',
      COUNTERS_USER: user,
      COUNTERS_CACHE: cache,
      COUNTERS_SERVERLESS: 'yes',
      ...away,
    },
    arns: [cacheArn(within, 'serverlesscache', cache), cacheArn(within, 'user', user)],
    statements: [],
  };
}

/** Beside an existing database, or for a network that was created without one. */
function ownCache(
  scope: Construct,
  counters: ResolvedConfig['counters'],
  network: FunctionNetwork | undefined,
): CacheSettings {
  if (network === undefined)
    throw new ConfigMistakes([
      'counters.store: a cache is reachable from a VPC only, and the functions have none: give counters.connection',
    ]);
  return new CountersCache(scope, 'Valkey', counters, network).settings;
}

function cacheArn(scope: Construct, resource: string, resourceName: string): string {
  return Stack.of(scope).formatArn({
    service: 'elasticache',
    resource,
    resourceName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

function existingServer(
  scope: Construct,
  { host, port, tls, login, securityGroupId }: Connection,
  network: FunctionNetwork | undefined,
): CountersAccess {
  const environment = { COUNTERS_HOST: host, COUNTERS_PORT: String(port), COUNTERS_TLS: tls };
  allowServer(scope, { host, port, securityGroupId }, network);
  if (login.auth === 'none') return { environment, arns: [], statements: [] };
  if (login.auth === 'iam') {
    const { user, cache, serverless } = login;
    return {
      environment: {
        ...environment,
        COUNTERS_AUTH: 'iam',
        COUNTERS_USER: user,
        COUNTERS_CACHE: cache,
        COUNTERS_SERVERLESS: serverless ? 'yes' : 'no',
      },
      arns: [
        cacheArn(scope, serverless ? 'serverlesscache' : 'replicationgroup', cache),
        cacheArn(scope, 'user', user),
      ],
      statements: [],
    };
  }
  const secret = Secret.fromSecretCompleteArn(scope, 'Secret', login.secretArn);
  if (network !== undefined) Endpoints.of(network.vpc)?.allowSecrets(scope, [secretInPolicies(secret)]);
  return {
    environment: {
      ...environment,
      COUNTERS_AUTH: 'password',
      COUNTERS_SECRET_ARN: secret.secretArn,
      ...(login.user === undefined ? {} : { COUNTERS_USER: login.user }),
    },
    arns: [],
    statements: [
      allow('ReadCountersPassword', ['secretsmanager:GetSecretValue'], [secretInPolicies(secret)]),
    ],
  };
}

function allowServer(
  scope: Construct,
  { host, port, securityGroupId }: Pick<Connection, 'host' | 'port' | 'securityGroupId'>,
  network: FunctionNetwork | undefined,
): void {
  if (network === undefined) return;
  if (securityGroupId === undefined) {
    Annotations.of(scope).addInfoV2(
      'sluice:admission:counters',
      `The security group of ${host} must allow the functions on tcp ${port}. To have the rules added, name it as counters.connection.securityGroupId.`,
    );
    return;
  }
  const server = SecurityGroup.fromSecurityGroupId(scope, 'Server', securityGroupId, { mutable: true });
  for (const functions of network.securityGroups) {
    server.addIngressRule(functions, Port.tcp(port), 'Functions of the pipeline');
    allowOut(scope, functions, server, Port.tcp(port));
  }
}
