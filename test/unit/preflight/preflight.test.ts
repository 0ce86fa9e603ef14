import { describe, expect, it } from 'vitest';
import { stageConfig } from '../../../lib/config/resolve.ts';
import type { AccountQueries } from '../../../lib/preflight/account-queries.ts';
import { preflight, worst } from '../../../lib/preflight/preflight.ts';
import { line, summary } from '../../../lib/preflight/report.ts';
import { account, freshAccount, region, stack } from './account-fixtures.ts';
import { deployed, expectFinding, finding, functions, plain, runPreflight } from './run-preflight.ts';

describe('an account below its quotas', () => {
  it.each(['prod', 'dev'])('an account below its quotas does not block a deploy of %s', async (stage) => {
    const findings = await runPreflight({}, {}, stage);
    expect(findings.filter(({ verdict }) => verdict !== 'ok').map(line)).toEqual([]);
    expect(findings.length).toBeGreaterThanOrEqual(15);
    expect(worst(findings)).toBe('ok');
    expect(summary(findings, stage)).toContain('No known problem blocks a deploy');
  });

  it('preflight does not check the database when an external database is configured', async () => {
    const connection = {
      host: 'postgres.example',
      name: 'images',
      owner: { user: 'owner', secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:owner' },
      roles: { auth: 'password', secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:roles' },
    } as const;
    const findings = await runPreflight({}, { database: { connection } });
    expect(
      findings.map(({ check }) => check).filter((check) => /VPC|database|zones|Data/.test(check)),
    ).toEqual([]);
  });

  it('with Aurora preflight checks clusters, and neither zones nor storage', async () => {
    const names = (await runPreflight({}, { database: { engine: 'aurora-serverless' } })).map(
      ({ check }) => check,
    );
    expect(names).toContain('database clusters');
    expect(names).not.toContain('zones');
  });

  it('preflight makes each query once', async () => {
    const queriesMade: string[] = [];
    const queries = freshAccount();
    const counting = new Proxy(queries, {
      get: (target, name, receiver) => {
        const makeQuery = Reflect.get(target, name, receiver) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          queriesMade.push(JSON.stringify([name, ...args]));
          return makeQuery(...args);
        };
      },
    });
    await preflight(stageConfig(plain, 'prod'), counting);
    expect(queriesMade.length).toBeGreaterThan(15);
    expect(queriesMade.filter((one, place) => queriesMade.indexOf(one) !== place)).toEqual([]);
  });
});

describe('queries that fail', () => {
  const denied = Object.assign(
    new Error('User: somebody is not authorized to perform: lambda:GetAccountSettings'),
    {
      name: 'AccessDeniedException',
    },
  );

  it('a failed query is reported as unknown, and the other checks still run', async () => {
    const findings = await runPreflight({
      lambdaAccount: () => Promise.reject(denied),
      servers: () =>
        Promise.reject(
          Object.assign(new Error('API for service rds not yet implemented'), { name: 'InternalFailure' }),
        ),
    });
    const of = (check: string) => findings.find((one) => one.check === check);
    expect(of('concurrency')).toMatchObject({
      verdict: 'unknown',
      says: expect.stringContaining('not permitted: User: somebody'),
    });
    expect(of('database servers')).toMatchObject({
      verdict: 'unknown',
      says: expect.stringContaining('not supported there'),
    });
    expect(of('roles')).toMatchObject({ verdict: 'ok' });
    expect(worst(findings)).toBe('unknown');
  });

  it('if every query fails, every finding is unknown', async () => {
    const denying = Object.fromEntries(
      Object.keys(freshAccount()).map((name) => [name, () => Promise.reject(denied)]),
    );
    const findings = await runPreflight(denying);
    expect(new Set(findings.map(({ verdict }) => verdict))).toEqual(new Set(['unknown']));
    expect(findings).toHaveLength((await runPreflight()).length);
  });

  it('missing credentials block the deploy and end the preflight', async () => {
    const noCredentials = Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    });
    expectFinding(
      await finding('account', { identity: () => Promise.reject(noCredentials) }),
      'blocks',
      'aws sso login',
    );
    // It is the only finding: every other query would fail the same way.
    expect(await runPreflight({ identity: () => Promise.reject(noCredentials) })).toHaveLength(1);
  });
});

describe('the account', () => {
  it('the account is reported, with a warning if no region was set', async () => {
    expectFinding(await finding('account'), 'ok', account, region);
    const identity = async () => ({ account, arn: 'arn', region: 'us-east-1', regionNamed: false });
    expectFinding(await finding('account', { identity }), 'warning', 'AWS_REGION=us-east-1');
  });

  it.each([
    ['missing', undefined],
    ['too old', { Outputs: [{ OutputKey: 'BootstrapVersion', OutputValue: '5' }] }],
    ['of the old kind, without a version', { Outputs: [] }],
  ])('an account whose bootstrap stack is %s has to be bootstrapped', async (_, changes) => {
    const toolkit = changes === undefined ? undefined : stack('CDKToolkit', changes);
    const one = await finding('bootstrap', {
      stack: async (name) => (name === 'CDKToolkit' ? toolkit : undefined),
    });
    expectFinding(one, 'blocks', `npx cdk bootstrap aws://${account}/${region}`);
  });

  it('too few free roles or policies block a first deploy', async () => {
    const summary = { Roles: 990, RolesQuota: 1_000, Policies: 30, PoliciesQuota: 1_500 };
    expectFinding(await finding('roles', { iamSummary: async () => summary }), 'blocks', '990 of 1000 roles');
    expectFinding(await finding('roles', { iamSummary: async () => summary, ...deployed() }), 'ok');
  });
});

describe('concurrent executions', () => {
  const limit = (all: number, unreserved: number): Partial<AccountQueries> => ({
    lambdaAccount: async () => ({
      limit: { ConcurrentExecutions: all, UnreservedConcurrentExecutions: unreserved, TotalCodeSize: 1e12 },
      usage: { TotalCodeSize: 0 },
    }),
  });
  // prod reserves 42: api 20, process 8, sweep 1, migrate 1, operate 1, of exports 3, and of events 8.

  it('a new account has ten executions, of which none can be reserved', async () => {
    expectFinding(
      await finding('concurrency', limit(10, 10)),
      'blocks',
      'reserves 42 executions (api 20, export 2, exportjob 1, process 8',
      '--quota-code L-B99A9384 --desired-value 1000',
      'reservedConcurrency: false',
    );
    const none = { deploy: { reservedConcurrency: false } };
    expectFinding(await finding('concurrency', limit(10, 10), none), 'warning', 'may need 28 at once');
    expectFinding(await finding('concurrency', limit(1_000, 1_000), none), 'ok', 'reserves none');
  });

  it.each([
    [142, 142, 'ok'],
    [141, 141, 'blocks'],
    [1_000, 142, 'ok'],
    [1_000, 141, 'blocks'],
  ] as const)('a concurrency limit of %i with %i unreserved: %s', async (all, unreserved, verdict) => {
    expectFinding(await finding('concurrency', limit(all, unreserved)), verdict);
  });

  it('executions already reserved by the stage are available to its deploy', async () => {
    const here = {
      ...deployed(functions),
      ...limit(1_000, 100),
      reserved: async (name: string) =>
        ({ api: 20, process: 8, sweep: 1, migrate: 1, operate: 1, export: 2, exportjob: 1 })[name] ??
        { relay: 2, dispatch: 2, analytics: 2, audit: 2 }[name] ??
        0,
    };
    expectFinding(await finding('concurrency', here), 'ok', '(42 by this stage)', 'which leaves 42');
    expectFinding(await finding('concurrency', here, { process: { maxConcurrency: 9 } }), 'blocks');
  });
});

it('the summary of an account that could not be queried reports no success', () => {
  const check = { check: 'account', verdict: 'unknown', says: 'could not be queried' } as const;
  expect(summary([check, check], 'prod')).toBe(
    'The account could not be queried: whether a deploy of the stage prod would succeed is not known (0 ok, 0 warnings, 2 not known, 0 blocking).',
  );
});

describe('quotas', () => {
  const full = (used: number) => ({
    vpcs: async () => Array.from({ length: used }, () => ({ VpcId: 'vpc-1' })),
  });

  it.each([
    [3, 'ok'],
    [4, 'warning'],
    [5, 'blocks'],
  ] as const)('the quota of VPCs with %i of 5 in use: %s', async (used, verdict) => {
    const one = await finding('VPCs', full(used));
    expectFinding(one, verdict, `VPCs per Region: ${used} of 5`);
    if (verdict !== 'ok')
      expectFinding(one, verdict, `--service-code vpc --quota-code L-F678F1CE --desired-value ${used + 2}`);
  });

  it('an exhausted quota does not block a deployed stage', async () => {
    expectFinding(await finding('VPCs', { ...full(5), ...deployed() }), 'ok', 'needs 0 more');
    expectFinding(await finding('VPCs', { ...full(7), ...deployed() }), 'ok', '7 of 5 in use');
  });

  it('VPCs shared by another account do not count', async () => {
    const others = Array.from({ length: 5 }, () => ({ VpcId: 'vpc-2', OwnerId: '999999999999' }));
    const vpcs = async () => [...others, { VpcId: 'vpc-0default', OwnerId: account }];
    expectFinding(await finding('VPCs', { vpcs }), 'ok', '1 of 5 in use');
  });

  it('no increase is suggested for a quota that AWS does not raise', async () => {
    const quota = async () => ({ name: 'Regional APIs per Region', value: 600, adjustable: false });
    const one = await finding('REST APIs', { quota, restApis: async () => 600 });
    expectFinding(one, 'blocks', '600 of 600', 'delete an unused one');
    expect(one.advice).not.toContain('request-service-quota-increase');
  });

  it('the quota of servers counts an Aurora reader, and that of storage the configured size', async () => {
    const many = Array.from({ length: 39 }, () => ({ AllocatedStorage: 2_564 }));
    const servers = async () => many;
    expectFinding(await finding('database servers', { servers }), 'warning');
    expectFinding(
      await finding('database servers', { servers }, { database: { engine: 'aurora-serverless' } }),
      'blocks',
    );
    expectFinding(
      await finding('database storage', { servers }),
      'blocks',
      '99996 of 100000 in use, and this deploy needs 20 more',
    );
  });

  it('code storage is compared with the limit that the account reports', async () => {
    const lambdaAccount = async () => ({
      limit: { TotalCodeSize: 80_530_636_800 },
      usage: { TotalCodeSize: 80_500_000_000 },
    });
    expectFinding(
      await finding('code storage', { lambdaAccount }),
      'blocks',
      '76771 of 76800 MB',
      'delete old versions',
    );
  });

  it('a quota without a name or a bound is accepted', async () => {
    const quota = async () => ({ name: 'L-F678F1CE', value: Number.POSITIVE_INFINITY });
    expectFinding(await finding('VPCs', { quota }), 'ok');
  });
});
