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

/** One look at the account: what is asked, and what is to be said of the answer. Throws where there is none. */
export interface Check {
  name: string;
  look(): Promise<CheckResult>;
}

/** All looks at an account that a stage with this configuration is worth. */
export function checksOf(config: ResolvedConfig, queries: AccountQueries): Check[] {
  const names = stackNames(config);
  const { deploy, database } = config;
  const own = database.connection === undefined;
  const aurora = database.engine === 'aurora-serverless';
  const servers = aurora ? (database.multiAz ? 2 : 1) : 1;
  const data = () => queries.stack(names.data);
  const pipeline = () => queries.stack(names.pipeline);
  /** What the pipeline has already, none where it is not there. */
  const resources = async () => (isDeployed(await pipeline()) ? queries.stackResources(names.pipeline) : []);
  /** What a deploy of a stack takes of a quota: nothing more where the stack stands. */
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
    { name: 'account', look: async () => evaluateIdentity(await queries.identity()) },
    {
      name: 'bootstrap',
      look: async () => evaluateBootstrap(await queries.stack('CDKToolkit'), await queries.identity()),
    },
    {
      name: `stack ${names.pipeline}`,
      look: async () => evaluateStack(names.pipeline, await pipeline(), deploy.stage),
    },
    {
      name: 'concurrency',
      look: async () => {
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
      look: async () => {
        const { limit, usage } = await queries.lambdaAccount();
        return evaluateCodeStorage(limit, usage);
      },
    },
    {
      name: 'roles',
      look: async () => evaluateIam(await queries.iamSummary(), isDeployed(await pipeline())),
    },
    {
      name: 'REST APIs',
      look: () =>
        quota(pipeline, {
          service: 'apigateway',
          code: 'L-AA0FF27B',
          used: () => queries.restApis(),
          need: 1,
        }),
    },
    {
      name: "API Gateway's log role",
      look: async () =>
        evaluateGatewayLogRole(await queries.gatewayLogRole(), {
          asked: deploy.gatewayLogRole,
          ours: (await resources()).some(({ type }) => type === 'AWS::ApiGateway::Account'),
        }),
    },
    {
      name: 'log policies',
      look: async () => {
        const there = (await resources()).some(({ type }) => type === 'AWS::WAFv2::LoggingConfiguration');
        return evaluateLogPolicies(await queries.logPolicies(), deploy.firewall && !there);
      },
    },
    {
      name: 'leftovers',
      look: async () => {
        const [identity, one, other] = await Promise.all([queries.identity(), data(), pipeline()]);
        const { found, unasked } = await findLeftovers(queries, identity, {
          names,
          data: one,
          pipeline: other,
          connection: database.connection,
        });
        return evaluateLeftovers(found, unasked);
      },
    },
  ];
  if (!own) return always;
  const ofDatabase: Check[] = [
    { name: `stack ${names.data}`, look: async () => evaluateStack(names.data, await data(), deploy.stage) },
    {
      name: 'VPCs',
      look: () =>
        quota(data, {
          service: 'vpc',
          code: 'L-F678F1CE',
          // Those that another account shares with this one are among them, and in that one's quota.
          used: async () => {
            const [{ account }, all] = await Promise.all([queries.identity(), queries.vpcs()]);
            return all.filter(({ OwnerId = account }) => OwnerId === account).length;
          },
          need: 1,
        }),
    },
    {
      name: 'gateway endpoints',
      look: () =>
        quota(data, {
          service: 'vpc',
          code: 'L-1B52E74A',
          used: () => queries.gatewayEndpoints(),
          need: 1,
        }),
    },
    {
      name: 'database servers',
      look: () =>
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
        look: () =>
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
      look: () =>
        quota(data, {
          service: 'rds',
          code: 'L-7ADDB58A',
          used: async () =>
            (await queries.servers()).reduce((sum, { AllocatedStorage = 0 }) => sum + AllocatedStorage, 0),
          need: database.storageGb,
          otherwise: 'delete a server that nobody uses',
        }),
    },
    {
      name: 'zones',
      look: async () =>
        isDeployed(await data())
          ? { verdict: 'ok', says: 'the server stands already, where its network is' }
          : evaluateZones(
              await queries.orderable('postgres', `db.${database.instance}`),
              await queries.zones(),
              database,
            ),
    },
  ];
}
