import type { ResolvedConfig } from '../config/schema.ts';
import { stackNames } from '../config/stack-names.ts';
import type { AccountQueries } from './account-queries.ts';
import { evaluateBootstrap, evaluateIam, evaluateIdentity } from './evaluate/account.ts';
import { evaluateCodeStorage, evaluateConcurrency } from './evaluate/lambda.ts';
import { evaluateLeftovers } from './evaluate/leftovers.ts';
import { evaluateGatewayLogRole, evaluateLogPolicies } from './evaluate/logs.ts';
import { evaluateQuota, type Use } from './evaluate/quotas.ts';
import { evaluateStack, isDeployed } from './evaluate/stacks.ts';
import { evaluateZones } from './evaluate/zones.ts';
import type { CheckResult } from './finding.ts';
import { findLeftovers } from './leftovers.ts';

/** One check of the account. `run` throws if the account cannot be queried. */
export interface Check {
  name: string;
  run(): Promise<CheckResult>;
}

/** All checks for a stage with this configuration. */
export function checksOf(config: ResolvedConfig, queries: AccountQueries): Check[] {
  const names = stackNames(config);
  const { deploy, database } = config;
  const own = database.connection === undefined;
  const aurora = database.engine === 'aurora-serverless';
  const servers = aurora ? (database.multiAz ? 2 : 1) : 1;
  const data = () => queries.stack(names.data);
  const pipeline = () => queries.stack(names.pipeline);
  /** The pipeline's existing resources; none if it is not deployed. */
  const resources = async () => (isDeployed(await pipeline()) ? queries.stackResources(names.pipeline) : []);
  /** A stack's usage of a quota: nothing more if it is deployed already. */
  const quota = async (
    stack: typeof data,
    { used, need, ...which }: Omit<Use, 'used'> & { used: () => Promise<number> },
  ) => {
    const [answer, count, there] = await Promise.all([
      queries.quota(which.service, which.code),
      used(),
      stack(),
    ]);
    return evaluateQuota(answer, { ...which, used: count, need: isDeployed(there) ? 0 : need });
  };

  const always: Check[] = [
    { name: 'account', run: async () => evaluateIdentity(await queries.identity()) },
    {
      name: 'bootstrap',
      run: async () => evaluateBootstrap(await queries.stack('CDKToolkit'), await queries.identity()),
    },
    {
      name: `stack ${names.pipeline}`,
      run: async () => evaluateStack(names.pipeline, await pipeline(), deploy.stage),
    },
    {
      name: 'concurrency',
      run: async () => {
        const functions = (await resources()).filter(({ type }) => type === 'AWS::Lambda::Function');
        const [{ limit }, ...here] = await Promise.all([
          queries.lambdaAccount(),
          ...functions.map(({ id }) => queries.reserved(id)),
        ]);
        const sum = here.reduce((total, share) => total + share, 0);
        return evaluateConcurrency(limit, sum, config);
      },
    },
    {
      name: 'code storage',
      run: async () => {
        const { limit, usage } = await queries.lambdaAccount();
        return evaluateCodeStorage(limit, usage);
      },
    },
    {
      name: 'roles',
      run: async () => evaluateIam(await queries.iamSummary(), isDeployed(await pipeline())),
    },
    {
      name: 'REST APIs',
      run: () =>
        quota(pipeline, {
          service: 'apigateway',
          code: 'L-AA0FF27B',
          used: () => queries.restApis(),
          need: 1,
        }),
    },
    {
      name: "API Gateway's log role",
      run: async () =>
        evaluateGatewayLogRole(await queries.gatewayLogRole(), {
          configured: deploy.gatewayLogRole,
          ours: (await resources()).some(({ type }) => type === 'AWS::ApiGateway::Account'),
        }),
    },
    {
      name: 'log policies',
      run: async () => {
        const there = (await resources()).some(({ type }) => type === 'AWS::WAFv2::LoggingConfiguration');
        return evaluateLogPolicies(await queries.logPolicies(), deploy.firewall && !there);
      },
    },
    {
      name: 'leftovers',
      run: async () => {
        const [identity, one, other] = await Promise.all([queries.identity(), data(), pipeline()]);
        const { found, notQueried } = await findLeftovers(queries, identity, {
          names,
          data: one,
          pipeline: other,
          connection: database.connection,
        });
        return evaluateLeftovers(found, notQueried);
      },
    },
  ];
  if (!own) return always;
  const ofDatabase: Check[] = [
    { name: `stack ${names.data}`, run: async () => evaluateStack(names.data, await data(), deploy.stage) },
    {
      name: 'VPCs',
      run: () =>
        quota(data, {
          service: 'vpc',
          code: 'L-F678F1CE',
          // VPCs shared by other accounts count towards their owner's quota.
          used: async () => {
            const [{ account }, all] = await Promise.all([queries.identity(), queries.vpcs()]);
            return all.filter(({ OwnerId = account }) => OwnerId === account).length;
          },
          need: 1,
        }),
    },
    {
      name: 'gateway endpoints',
      run: () =>
        quota(data, {
          service: 'vpc',
          code: 'L-1B52E74A',
          used: () => queries.gatewayEndpoints(),
          need: 1,
        }),
    },
    {
      name: 'database servers',
      run: () =>
        quota(data, {
          service: 'rds',
          code: 'L-7B6409FD',
          used: async () => (await queries.servers()).length,
          need: servers,
        }),
    },
  ];
  if (aurora)
    return [
      ...always,
      ...ofDatabase,
      {
        name: 'database clusters',
        run: () =>
          quota(data, {
            service: 'rds',
            code: 'L-952B80B8',
            used: async () => (await queries.clusters()).length,
            need: 1,
          }),
      },
    ];
  return [
    ...always,
    ...ofDatabase,
    {
      name: 'database storage',
      run: () =>
        quota(data, {
          service: 'rds',
          code: 'L-7ADDB58A',
          used: async () =>
            (await queries.servers()).reduce((sum, { AllocatedStorage = 0 }) => sum + AllocatedStorage, 0),
          need: database.storageGb,
          otherwise: 'delete an unused server',
        }),
    },
    {
      name: 'zones',
      run: async () =>
        isDeployed(await data())
          ? { verdict: 'ok', says: 'the server exists already' }
          : evaluateZones(
              await queries.orderable('postgres', `db.${database.instance}`),
              await queries.zones(),
              database,
            ),
    },
  ];
}
