import { describe, expect, it } from 'vitest';
import { stageConfig } from '../../../lib/config/resolve.ts';
import type { AccountQueries } from '../../../lib/preflight/account-queries.ts';
import { preflight, worst } from '../../../lib/preflight/preflight.ts';
import { line, summary } from '../../../lib/preflight/report.ts';
import { account, fresh, region, stack } from './answers.ts';
import { deployed, expectThat, finding, functions, look, plain } from './looking.ts';

describe('an account with room', () => {
  it.each(['prod', 'dev'])('has nothing in the way of %s', async (stage) => {
    const findings = await look({}, {}, stage);
    expect(findings.filter(({ verdict }) => verdict !== 'ok').map(line)).toEqual([]);
    expect(findings.length).toBeGreaterThanOrEqual(15);
    expect(worst(findings)).toBe('ok');
    expect(summary(findings, stage)).toContain('No known problem blocks a deploy');
  });

  it('is asked nothing of a database where somebody else has one', async () => {
    const connection = {
      host: 'postgres.example',
      name: 'images',
      owner: { user: 'owner', secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:owner' },
      roles: { auth: 'password', secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:roles' },
    } as const;
    const findings = await look({}, { database: { connection } });
    expect(
      findings.map(({ check }) => check).filter((check) => /VPC|database|zones|Data/.test(check)),
    ).toEqual([]);
  });

  it('is asked about clusters, and not about zones or storage, where it is to be Aurora', async () => {
    const names = (await look({}, { database: { engine: 'aurora-serverless' } })).map(({ check }) => check);
    expect(names).toContain('database clusters');
    expect(names).not.toContain('zones');
  });

  it('is asked each question once', async () => {
    const asked: string[] = [];
    const queries = fresh();
    const counting = new Proxy(queries, {
      get: (target, name, receiver) => {
        const question = Reflect.get(target, name, receiver) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          asked.push(JSON.stringify([name, ...args]));
          return question(...args);
        };
      },
    });
    await preflight(stageConfig(plain, 'prod'), counting);
    expect(asked.length).toBeGreaterThan(15);
    expect(asked.filter((one, place) => asked.indexOf(one) !== place)).toEqual([]);
  });
});

describe('what is not answered', () => {
  const denied = Object.assign(
    new Error('User: somebody is not authorized to perform: lambda:GetAccountSettings'),
    {
      name: 'AccessDeniedException',
    },
  );

  it('is said, and stands in nobody’s way: all others are looked at', async () => {
    const findings = await look({
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

  it('of everything is everything not known', async () => {
    const silent = Object.fromEntries(
      Object.keys(fresh()).map((name) => [name, () => Promise.reject(denied)]),
    );
    const findings = await look(silent);
    expect(new Set(findings.map(({ verdict }) => verdict))).toEqual(new Set(['unknown']));
    expect(findings).toHaveLength((await look()).length);
  });

  it('for want of credentials ends it: nothing could be deployed either', async () => {
    const lost = Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    });
    expectThat(await finding('account', { identity: () => Promise.reject(lost) }), 'blocks', 'aws sso login');
    // And is told alone: whatever else was asked would say the same.
    expect(await look({ identity: () => Promise.reject(lost) })).toHaveLength(1);
  });
});

describe('the account', () => {
  it('is said, and that nobody has named a region', async () => {
    expectThat(await finding('account'), 'ok', account, region);
    const identity = async () => ({ account, arn: 'arn', region: 'us-east-1', regionNamed: false });
    expectThat(await finding('account', { identity }), 'warning', 'AWS_REGION=us-east-1');
  });

  it.each([
    ['not there', undefined],
    ['too old', { Outputs: [{ OutputKey: 'BootstrapVersion', OutputValue: '5' }] }],
    ['of the old kind, without a version', { Outputs: [] }],
  ])('whose bootstrap stack is %s has to be bootstrapped', async (_, changes) => {
    const toolkit = changes === undefined ? undefined : stack('CDKToolkit', changes);
    const one = await finding('bootstrap', {
      stack: async (name) => (name === 'CDKToolkit' ? toolkit : undefined),
    });
    expectThat(one, 'blocks', `npx cdk bootstrap aws://${account}/${region}`);
  });

  it('without room for roles or policies is in the way', async () => {
    const summary = { Roles: 990, RolesQuota: 1_000, Policies: 30, PoliciesQuota: 1_500 };
    expectThat(await finding('roles', { iamSummary: async () => summary }), 'blocks', '990 of 1000 roles');
    expectThat(await finding('roles', { iamSummary: async () => summary, ...deployed() }), 'ok');
  });
});

describe('executions', () => {
  const limit = (all: number, unreserved: number): Partial<AccountQueries> => ({
    lambdaAccount: async () => ({
      limit: { ConcurrentExecutions: all, UnreservedConcurrentExecutions: unreserved, TotalCodeSize: 1e12 },
      usage: { TotalCodeSize: 0 },
    }),
  });
  // prod reserves 31: api 20, process 8, sweep 1, migrate 1, operate 1.

  it('that a new account has are ten, of which none can be reserved', async () => {
    expectThat(
      await finding('concurrency', limit(10, 10)),
      'blocks',
      'reserves 31 executions (api 20, process 8',
      '--quota-code L-B99A9384 --desired-value 1000',
      'reservedConcurrency: false',
    );
    const none = { deploy: { reservedConcurrency: false } };
    expectThat(await finding('concurrency', limit(10, 10), none), 'warning', 'may need 28 at once');
    expectThat(await finding('concurrency', limit(1_000, 1_000), none), 'ok', 'reserves none');
  });

  it.each([
    [131, 131, 'ok'],
    [130, 130, 'blocks'],
    [1_000, 131, 'ok'],
    [1_000, 130, 'blocks'],
  ] as const)('of which %i are the account’s and %i unreserved: %s', async (all, unreserved, verdict) => {
    expectThat(await finding('concurrency', limit(all, unreserved)), verdict);
  });

  it('that the stage has reserved already are given back by its own deploy', async () => {
    const here = {
      ...deployed(functions),
      ...limit(1_000, 100),
      reserved: async (name: string) =>
        ({ api: 20, process: 8, sweep: 1, migrate: 1, operate: 1 })[name] ?? 0,
    };
    expectThat(await finding('concurrency', here), 'ok', '(31 by this stage)', 'which leaves 31');
    expectThat(await finding('concurrency', here, { process: { maxConcurrency: 9 } }), 'blocks');
  });
});

it('an account of which nothing could be asked is not said to be clear', () => {
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
  ] as const)('of VPCs with %i of 5 in use: %s', async (used, verdict) => {
    const one = await finding('VPCs', full(used));
    expectThat(one, verdict, `VPCs per Region: ${used} of 5`);
    if (verdict !== 'ok')
      expectThat(one, verdict, `--service-code vpc --quota-code L-F678F1CE --desired-value ${used + 2}`);
  });

  it('that are used up are no matter to a stage that stands', async () => {
    expectThat(await finding('VPCs', { ...full(5), ...deployed() }), 'ok', 'needs 0 more');
    expectThat(await finding('VPCs', { ...full(7), ...deployed() }), 'ok', '7 of 5 in use');
  });

  it('of VPCs do not count those that another account shares', async () => {
    const others = Array.from({ length: 5 }, () => ({ VpcId: 'vpc-2', OwnerId: '999999999999' }));
    const vpcs = async () => [...others, { VpcId: 'vpc-0default', OwnerId: account }];
    expectThat(await finding('VPCs', { vpcs }), 'ok', '1 of 5 in use');
  });

  it('that AWS raises for nobody are not advised to be raised', async () => {
    const quota = async () => ({ name: 'Regional APIs per Region', value: 600, adjustable: false });
    const one = await finding('REST APIs', { quota, restApis: async () => 600 });
    expectThat(one, 'blocks', '600 of 600', 'delete an unused one');
    expect(one.advice).not.toContain('request-service-quota-increase');
  });

  it('of servers count a reader of Aurora, and of storage what is asked for', async () => {
    const many = Array.from({ length: 39 }, () => ({ AllocatedStorage: 2_564 }));
    const servers = async () => many;
    expectThat(await finding('database servers', { servers }), 'warning');
    expectThat(
      await finding('database servers', { servers }, { database: { engine: 'aurora-serverless' } }),
      'blocks',
    );
    expectThat(
      await finding('database storage', { servers }),
      'blocks',
      '99996 of 100000 in use, and this deploy needs 20 more',
    );
  });

  it('of code are the account’s own words', async () => {
    const lambdaAccount = async () => ({
      limit: { TotalCodeSize: 80_530_636_800 },
      usage: { TotalCodeSize: 80_500_000_000 },
    });
    expectThat(
      await finding('code storage', { lambdaAccount }),
      'blocks',
      '76771 of 76800 MB',
      'delete old versions',
    );
  });

  it('that the account does not know by name are passed on as they are', async () => {
    const quota = async () => ({ name: 'L-F678F1CE', value: Number.POSITIVE_INFINITY });
    expectThat(await finding('VPCs', { quota }), 'ok');
  });
});
