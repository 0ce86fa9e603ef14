import type { ResolvedConfig } from '../config/schema.ts';
import { stackNames } from '../config/stack-names.ts';
import type { Judgement } from './finding.ts';
import { judgeBootstrap, judgeIam, judgeIdentity } from './judge/account.ts';
import { judgeCodeStorage, judgeConcurrency } from './judge/lambda.ts';
import { judgeLeftovers } from './judge/leftovers.ts';
import { judgeGatewayLogRole, judgeLogPolicies } from './judge/logs.ts';
import { judgeQuota, type Use } from './judge/quotas.ts';
import { judgeStack, stands } from './judge/stacks.ts';
import { judgeZones } from './judge/zones.ts';
import { findLeftovers } from './leftovers.ts';
import type { Questions } from './questions.ts';

/** One look at the account: what is asked, and what is to be said of the answer. Throws where there is none. */
export interface Check {
  name: string;
  look(): Promise<Judgement>;
}

/** All looks at an account that a stage with this configuration is worth. */
export function checksOf(config: ResolvedConfig, questions: Questions): Check[] {
  const names = stackNames(config);
  const { deploy, database } = config;
  const own = database.connection === undefined;
  const aurora = database.engine === 'aurora-serverless';
  const servers = aurora ? (database.multiAz ? 2 : 1) : 1;
  const data = () => questions.stack(names.data);
  const pipeline = () => questions.stack(names.pipeline);
  /** What the pipeline has already, none where it is not there. */
  const resources = async () => (stands(await pipeline()) ? questions.stackResources(names.pipeline) : []);
  /** What a deploy of a stack takes of a quota: nothing more where the stack stands. */
  const quota = async (
    stack: typeof data,
    { used, need, ...which }: Omit<Use, 'used'> & { used: () => Promise<number> },
  ) => {
    const [answer, count, there] = await Promise.all([
      questions.quota(which.service, which.code),
      used(),
      stack(),
    ]);
    return judgeQuota(answer, { ...which, used: count, need: stands(there) ? 0 : need });
  };

  const always: Check[] = [
    { name: 'account', look: async () => judgeIdentity(await questions.identity()) },
    {
      name: 'bootstrap',
      look: async () => judgeBootstrap(await questions.stack('CDKToolkit'), await questions.identity()),
    },
    {
      name: `stack ${names.pipeline}`,
      look: async () => judgeStack(names.pipeline, await pipeline(), deploy.stage),
    },
    {
      name: 'concurrency',
      look: async () => {
        const functions = (await resources()).filter(({ type }) => type === 'AWS::Lambda::Function');
        const [{ limit }, ...here] = await Promise.all([
          questions.lambdaAccount(),
          ...functions.map(({ id }) => questions.reserved(id)),
        ]);
        const sum = here.reduce((total, share) => total + share, 0);
        return judgeConcurrency(limit, sum, config);
      },
    },
    {
      name: 'code storage',
      look: async () => {
        const { limit, usage } = await questions.lambdaAccount();
        return judgeCodeStorage(limit, usage);
      },
    },
    {
      name: 'roles',
      look: async () => judgeIam(await questions.iamSummary(), stands(await pipeline())),
    },
    {
      name: 'REST APIs',
      look: () =>
        quota(pipeline, {
          service: 'apigateway',
          code: 'L-AA0FF27B',
          used: () => questions.restApis(),
          need: 1,
        }),
    },
    {
      name: "API Gateway's log role",
      look: async () =>
        judgeGatewayLogRole(await questions.gatewayLogRole(), {
          asked: deploy.gatewayLogRole,
          ours: (await resources()).some(({ type }) => type === 'AWS::ApiGateway::Account'),
        }),
    },
    {
      name: 'log policies',
      look: async () => {
        const there = (await resources()).some(({ type }) => type === 'AWS::WAFv2::LoggingConfiguration');
        return judgeLogPolicies(await questions.logPolicies(), deploy.firewall && !there);
      },
    },
    {
      name: 'leftovers',
      look: async () => {
        const [identity, one, other] = await Promise.all([questions.identity(), data(), pipeline()]);
        const { found, unasked } = await findLeftovers(questions, identity, {
          names,
          data: one,
          pipeline: other,
          connection: database.connection,
        });
        return judgeLeftovers(found, unasked);
      },
    },
  ];
  if (!own) return always;
  const ofDatabase: Check[] = [
    { name: `stack ${names.data}`, look: async () => judgeStack(names.data, await data(), deploy.stage) },
    {
      name: 'VPCs',
      look: () =>
        quota(data, {
          service: 'vpc',
          code: 'L-F678F1CE',
          // Those that another account shares with this one are among them, and in that one's quota.
          used: async () => {
            const [{ account }, all] = await Promise.all([questions.identity(), questions.vpcs()]);
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
          used: () => questions.gatewayEndpoints(),
          need: 1,
        }),
    },
    {
      name: 'database servers',
      look: () =>
        quota(data, {
          service: 'rds',
          code: 'L-7B6409FD',
          used: async () => (await questions.servers()).length,
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
            used: async () => (await questions.clusters()).length,
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
            (await questions.servers()).reduce((sum, { AllocatedStorage = 0 }) => sum + AllocatedStorage, 0),
          need: database.storageGb,
          otherwise: 'delete a server that nobody uses',
        }),
    },
    {
      name: 'zones',
      look: async () =>
        stands(await data())
          ? { verdict: 'ok', says: 'the server stands already, where its network is' }
          : judgeZones(
              await questions.orderable('postgres', `db.${database.instance}`),
              await questions.zones(),
              database,
            ),
    },
  ];
}
