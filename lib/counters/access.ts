import { Annotations } from 'aws-cdk-lib';
import {
  CfnSecurityGroupEgress,
  type IConnectable,
  type ISecurityGroup,
  Port,
  SecurityGroup,
} from 'aws-cdk-lib/aws-ec2';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { VariablesOf } from '../../lambda/runtime/environment-parts.ts';
import { ConfigMistakes } from '../config/resolve.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import type { DatabaseSettings, FunctionNetwork } from '../data/connection.ts';
import { Endpoints } from '../data/endpoints.ts';
import { allow } from '../policies/allow.ts';
import { secretInPolicies } from '../policies/secret-arn.ts';
import { CountersCache, cacheArn, cachePort } from './cache.ts';

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
  { network }: DatabaseSettings,
): CountersAccess {
  const { store, connection, whenAway } = counters;
  if (store === 'postgres') return { environment: {}, arns: [], statements: [] };
  const within = new Construct(scope, 'Counters');
  const away = { COUNTERS_WHEN_AWAY: whenAway };
  if (connection !== undefined) {
    const { environment, ...access } = existingServer(within, connection, network);
    return { environment: { ...environment, ...away }, ...access };
  }
  if (network === undefined)
    throw new ConfigMistakes([
      'counters.store: a cache is reachable from a VPC only, and the functions have none: give counters.connection',
    ]);
  const cache = new CountersCache(within, 'Valkey', counters, network);
  for (const functions of network.securityGroups) {
    cache.group.addIngressRule(functions, cachePort, 'Functions of the pipeline');
    allowOut(within, functions, cache.group, cachePort);
  }
  return {
    environment: {
      COUNTERS_HOST: cache.host,
      COUNTERS_PORT: cache.port,
      COUNTERS_TLS: 'verify',
      COUNTERS_AUTH: 'iam',
      COUNTERS_USER: cache.names.user,
      COUNTERS_CACHE: cache.names.cache,
      COUNTERS_SERVERLESS: 'yes',
      ...away,
    },
    arns: cache.arns,
    statements: [],
  };
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

/**
 * A rule of this stack, because the functions' group may be another's, which must not depend on this one. An imported group
 * is left as it is.
 */
function allowOut(
  scope: Construct,
  functions: ISecurityGroup,
  to: IConnectable & ISecurityGroup,
  port: Port,
) {
  if (!(functions instanceof SecurityGroup) || functions.allowAllOutbound) return;
  const rule = port.toRuleJson() as { ipProtocol: string; fromPort: number; toPort: number };
  new CfnSecurityGroupEgress(scope, `From${functions.node.addr.slice(-8)}`, {
    groupId: functions.securityGroupId,
    destinationSecurityGroupId: to.securityGroupId,
    description: 'Counters of quotas',
    ...rule,
  });
}
