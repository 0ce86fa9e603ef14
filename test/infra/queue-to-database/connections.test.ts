import { Duration, Stack } from 'aws-cdk-lib';
import { InstanceClass, InstanceSize, InstanceType, SubnetType } from 'aws-cdk-lib/aws-ec2';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import {
  AuroraPostgresEngineVersion,
  ClusterInstance,
  DatabaseCluster,
  DatabaseClusterEngine,
  type DatabaseProxyOptions,
} from 'aws-cdk-lib/aws-rds';
import { describe, expect, it } from 'vitest';
import {
  type Changes,
  emptyApp,
  findings,
  queueOf,
  safeEvent,
  serverOf,
  shop,
  vpcOf,
  workerOf,
} from './shop.ts';

/** Executions of the worker, without a finding about its reserved concurrency. */
const executions = (maxConcurrency: number, more: Changes = {}): Changes => ({
  ...more,
  event: { maxConcurrency },
  worker: { reservedConcurrentExecutions: maxConcurrency, ...more.worker },
});
const limit = (max_connections: string | undefined): Changes => ({
  database: { parameters: max_connections === undefined ? {} : { max_connections } },
});

describe('connections of a server', () => {
  it('connections count two generations of each environment, and the reserve', () => {
    expect(findings(shop(executions(48)).app)).toEqual([]);
    expect(findings(shop(executions(49)).app)).toEqual([
      'MaxConnections error Shop/Server: connections: Shop/Worker (2 generations × 49 executions × 1) 98 + reserve 3 = ' +
        '101 > 100 (max_connections, of its parameter group)',
    ]);
  });

  it('connections that end with their invocation count once, several per environment each', () => {
    const functions = (connections: number) => ({
      functions: { 'Shop/Worker': { connections, persistent: false } },
    });
    expect(findings(shop(executions(97)).app, functions(1))).toEqual([]);
    expect(findings(shop(executions(98)).app, functions(1))).toEqual([
      expect.stringContaining('98 executions × 1) 98 + reserve 3 = 101 > 100'),
    ]);
    expect(findings(shop(executions(49)).app, functions(2))).toEqual([
      expect.stringContaining('49 executions × 2) 98'),
    ]);
  });

  it('the defaults apply to functions without an entry', () => {
    expect(findings(shop(executions(97)).app, { defaults: { persistent: false } })).toEqual([]);
    expect(findings(shop(executions(98)).app, { defaults: { persistent: false } })).toHaveLength(1);
  });

  it('the reserve is a setting', () => {
    expect(findings(shop(executions(45)).app, { reserve: 10 })).toEqual([]);
    expect(findings(shop(executions(46)).app, { reserve: 10 })).toEqual([
      expect.stringContaining('reserve 10 = 102 > 100'),
    ]);
  });

  it('a mapping without a maximum counts as 1,250 executions', () => {
    const { app } = shop({
      event: { maxConcurrency: undefined },
      worker: { reservedConcurrentExecutions: undefined },
    });
    expect(findings(app)).toEqual([
      expect.stringMatching(/^MaxConnections error .*1250 executions × 1\) 2500/),
      expect.stringMatching(/^MaximumConcurrency /),
    ]);
  });

  it('reserved concurrency below the maximum limits the executions', () => {
    const { app } = shop({ event: { maxConcurrency: 60 }, worker: { reservedConcurrentExecutions: 48 } });
    expect(findings(app)).toEqual([expect.stringMatching(/^Ceiling error .*60 > 48/)]);
  });

  it('functions without a queue count by their reserved concurrency, and without one are named', () => {
    const beside = (reservedConcurrentExecutions: number | undefined) => {
      const { app, stack, vpc, server } = shop(executions(40));
      const api = workerOf(stack, 'Api', { vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED } });
      (api.node.defaultChild as CfnFunction).reservedConcurrentExecutions = reservedConcurrentExecutions;
      server.connections.allowDefaultPortFrom(api);
      return findings(app);
    };
    expect(beside(8)).toEqual([]);
    expect(beside(9)).toEqual([
      expect.stringMatching(/Worker \(.*\) 80 \+ Shop\/Api \(.*\) 18 \+ reserve 3 = 101 > 100/),
    ]);
    expect(beside(undefined)).toEqual([
      'Unknown info Shop/Api: not judged by MaxConnections: Shop/Api has no reserved concurrency',
    ]);
  });
});

it('a Postgres without a queue in front of its functions is not judged', () => {
  const app = emptyApp();
  const stack = new Stack(app, 'Shop');
  const server = serverOf(stack, vpcOf(stack), { parameters: { max_connections: '5' } });
  workerOf(stack, 'Api', { environment: { HOST: server.instanceEndpoint.hostname } });
  expect(findings(app)).toEqual([]);
});

describe('max_connections', () => {
  it.each<[string, Changes, object, number]>([
    ['of its parameter group', limit('60'), {}, 60],
    ['as given', limit('60'), { maxConnections: 80 }, 80],
    ['as given', limit('60'), { maxConnections: { 'Shop/Server': 90 } }, 90],
    ['estimated for db.t4g.small', limit(undefined), {}, 187],
    ['estimated for db.t4g.small', limit('LEAST({DBInstanceClassMemory/9531392}, 5000)'), {}, 187],
  ])('max_connections %s: %o %o', (source, changes, props, connections) => {
    const most = Math.floor((connections - 3) / 2);
    expect(findings(shop(executions(most, changes)).app, props)).toEqual([]);
    expect(findings(shop(executions(most + 1, changes)).app, props)).toEqual([
      expect.stringMatching(new RegExp(`^MaxConnections .* > ${connections} \\(max_connections, ${source}`)),
    ]);
  });

  it('an unknown max_connections is reported with what to give', () => {
    const large = { database: { parameters: {}, instanceType: new InstanceType('x2g.large') } };
    expect(findings(shop(large).app)).toEqual([
      'Unknown info Shop/Server: not judged by MaxConnections: max_connections of Shop/Server is in no parameter group, ' +
        'and its class is "db.x2g.large"; give it as `maxConnections`',
    ]);
    const formula = limit('GREATEST({DBInstanceClassMemory/9531392}, 100)');
    expect(findings(shop(formula).app)).toEqual([
      expect.stringMatching(/^Unknown info .*max_connections of .* is "GREATEST/),
    ]);
  });

  const aurora = (writer: ReturnType<typeof ClusterInstance.provisioned>, maxConcurrency: number) => {
    const app = emptyApp();
    const stack = new Stack(app, 'Shop');
    const vpc = vpcOf(stack);
    const cluster = new DatabaseCluster(stack, 'Server', {
      engine: DatabaseClusterEngine.auroraPostgres({ version: AuroraPostgresEngineVersion.VER_16_4 }),
      writer,
      readers: [
        ClusterInstance.provisioned('Reader', {
          instanceType: InstanceType.of(InstanceClass.R6G, InstanceSize.XLARGE),
        }),
      ],
      serverlessV2MinCapacity: 1,
      serverlessV2MaxCapacity: 4,
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
    });
    const worker = workerOf(stack, 'Worker', {
      reservedConcurrentExecutions: maxConcurrency,
      // An instance of a cluster is no server of its own.
      environment: {
        HOST: cluster.clusterEndpoint.hostname,
        WRITER: cluster.instanceEndpoints[0]?.hostname ?? '',
      },
    });
    worker.addEventSource(new SqsEventSource(queueOf(stack), { ...safeEvent, maxConcurrency }));
    return findings(app);
  };

  it('of a cluster, the smallest instance counts', () => {
    const medium = ClusterInstance.provisioned('Writer', {
      instanceType: InstanceType.of(InstanceClass.T4G, InstanceSize.MEDIUM),
    });
    expect(aurora(medium, 190)).toEqual([]);
    expect(aurora(medium, 210)).toEqual([
      expect.stringMatching(/^MaxConnections error Shop\/Server: .*estimated for db\.t4g\.medium/),
    ]);
  });

  it('Aurora Serverless has connections for its maximum capacity', () => {
    const serverless = ClusterInstance.serverlessV2('Writer');
    expect(aurora(serverless, 410)).toEqual([]);
    expect(aurora(serverless, 411)).toEqual([
      expect.stringContaining('> 823 (max_connections, of Aurora at 1 to 4 units)'),
    ]);
  });
});

describe('RDS Proxy', () => {
  const pooled = (
    maxConcurrency: number,
    options: Partial<DatabaseProxyOptions> | { borrowTimeout: undefined } = {},
    direct = false,
  ) => {
    const { app, vpc, server, worker } = shop(
      executions(maxConcurrency, { worker: { timeout: Duration.seconds(10) } }),
    );
    const proxy = server.addProxy('Proxy', {
      secrets: server.secret === undefined ? [] : [server.secret],
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      maxConnectionsPercent: 50,
      borrowTimeout: Duration.seconds(5),
      ...(options as Partial<DatabaseProxyOptions>),
    });
    worker.addEnvironment('HOST', proxy.endpoint);
    if (direct) worker.addEnvironment('DIRECT', server.instanceEndpoint.hostname);
    return findings(app);
  };

  it('executions beyond the pool of a proxy are a warning, and no more connections of the server', () => {
    expect(pooled(50)).toEqual([]);
    expect(pooled(51)).toEqual([
      expect.stringMatching(
        /^ProxyPool warning Shop\/Server\/Proxy: executions may need 51 > 50 connections/,
      ),
    ]);
  });

  it('an execution must outlive the wait for a connection', () => {
    expect(pooled(51, { borrowTimeout: Duration.seconds(9) })).toHaveLength(1);
    expect(pooled(51, { borrowTimeout: Duration.seconds(10) })).toEqual([
      expect.stringMatching(/^ProxyPool /),
      expect.stringMatching(/^ProxyWait error Shop\/Server\/Proxy: .*up to 10 s .*timeout of Shop\/Worker/),
    ]);
    // RDS's default is 120 s.
    expect(pooled(51, { borrowTimeout: undefined })).toHaveLength(2);
  });

  it('a function that is given the address of the server too counts in both ways', () => {
    expect(pooled(32, {}, true)).toEqual([]);
    expect(pooled(33, {}, true)).toEqual([
      expect.stringMatching(
        /^MaxConnections .*Shop\/Worker \(2 .*\) 66 \+ Shop\/Server\/Proxy \(proxy\) 33 \+ reserve 3 = 102 > 100/,
      ),
    ]);
  });

  it('a pool of all connections leaves none for the reserve', () => {
    expect(pooled(97, { maxConnectionsPercent: 100 })).toEqual([]);
    expect(pooled(98, { maxConnectionsPercent: 100 })).toEqual([
      expect.stringMatching(
        /^MaxConnections error Shop\/Server: .*Shop\/Server\/Proxy \(proxy\) 98 \+ reserve 3 = 101 > 100/,
      ),
    ]);
  });
});
