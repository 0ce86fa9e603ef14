import { CfnResource, Stack } from 'aws-cdk-lib';
import { type IVpc, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import {
  DatabaseInstance,
  DatabaseInstanceEngine,
  type DatabaseProxy,
  MysqlEngineVersion,
} from 'aws-cdk-lib/aws-rds';
import { describe, expect, it } from 'vitest';
import { emptyApp, findings, queueOf, serverOf, vpcOf, workerOf } from './shop.ts';

interface Parts {
  stack: Stack;
  vpc: IVpc;
  server: DatabaseInstance;
  worker: LambdaFunction;
}

/** An app whose only mistake is a mapping without failures of single messages, found if the function reaches Postgres. */
function reached(connect: (parts: Parts) => void, props: Parameters<typeof findings>[1] = {}, inVpc = false) {
  const app = emptyApp();
  const stack = new Stack(app, 'Shop');
  const vpc = vpcOf(stack);
  const server = serverOf(stack, vpc);
  const worker = workerOf(
    stack,
    'Worker',
    inVpc ? { vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED } } : {},
  );
  worker.addEventSource(new SqsEventSource(queueOf(stack), { maxConcurrency: 5 }));
  connect({ stack, vpc, server, worker });
  return findings(app, props);
}

const proxyOf = ({ server, vpc }: Parts): DatabaseProxy =>
  server.addProxy('Proxy', {
    secrets: server.secret === undefined ? [] : [server.secret],
    vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
    iamAuth: true,
  });
const statement = (...actions: string[]) => new PolicyStatement({ actions, resources: ['*'] });

describe('a function reaches Postgres', () => {
  it.each<[string, (parts: Parts) => void]>([
    [
      'the address of an instance',
      ({ server, worker }) => worker.addEnvironment('HOST', server.instanceEndpoint.hostname),
    ],
    [
      'an address in a longer text',
      ({ server, worker }) =>
        worker.addEnvironment('URL', `postgres://a@${server.instanceEndpoint.socketAddress}/b`),
    ],
    ['the address of a proxy', (parts) => parts.worker.addEnvironment('HOST', proxyOf(parts).endpoint)],
    [
      'the address of an endpoint of a proxy',
      (parts) => {
        const endpoint = new CfnResource(parts.stack, 'Endpoint', {
          type: 'AWS::RDS::DBProxyEndpoint',
          properties: { DBProxyName: proxyOf(parts).dbProxyName },
        });
        parts.worker.addEnvironment('HOST', endpoint.getAtt('Endpoint').toString());
      },
    ],
    [
      'the secret of a server',
      ({ server, worker }) => worker.addEnvironment('SECRET', server.secret?.secretArn ?? ''),
    ],
    [
      'permission to read the secret of a server',
      ({ server, worker }) => void server.secret?.grantRead(worker),
    ],
    ['permission to log in to a server', ({ server, worker }) => void server.grantConnect(worker, 'shop')],
    ['permission to log in to a proxy', (parts) => void proxyOf(parts).grantConnect(parts.worker, 'shop')],
    [
      'a managed policy of its role',
      ({ stack, worker }) =>
        worker.role?.addManagedPolicy(
          new ManagedPolicy(stack, 'Login', { statements: [statement('rds-db:connect')] }),
        ),
    ],
  ])('by %s', (_, connect) => {
    expect(reached(connect).filter((one) => /^BatchFailures error/.test(one))).toHaveLength(1);
  });

  it.each<[string, Record<string, string>]>([
    ['libpq', { PGHOST: 'db.internal' }],
    ['a URL', { DATABASE_URL: 'postgresql://shop@db.internal/shop' }],
    ['an address of RDS', { DB: 'shop.abc.us-east-1.rds.amazonaws.com' }],
  ])('outside the templates by %s, of which max_connections must be given', (_, variables) => {
    const connect = ({ worker }: Parts) => {
      for (const [name, value] of Object.entries(variables)) worker.addEnvironment(name, value);
    };
    expect(reached(connect)).toEqual([
      expect.stringMatching(/^BatchFailures error/),
      expect.stringMatching(
        /^Unknown info Shop\/Worker: not judged by MaxConnections: the Postgres is not in these templates; give/,
      ),
    ]);
    expect(reached(connect, { maxConnections: 13 })).toHaveLength(1);
    expect(reached(connect, { maxConnections: 12 })).toEqual([
      expect.stringMatching(/^BatchFailures/),
      expect.stringMatching(/^MaxConnections error Shop\/Worker: .*13 > 12 \(max_connections, as given\)/),
    ]);
  });

  it.each<[string, (group: SecurityGroup, parts: Parts) => void]>([
    [
      'a rule of the server',
      (group, { server, worker }) => {
        worker.connections.addSecurityGroup(group);
        server.connections.allowDefaultPortFrom(worker);
      },
    ],
    [
      'an inline rule',
      (group, { worker }) => {
        for (const one of worker.connections.securityGroups)
          (group.node.defaultChild as CfnResource).addPropertyOverride('SecurityGroupIngress', [
            { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, SourceSecurityGroupId: one.securityGroupId },
          ]);
      },
    ],
  ])('by the network: %s', (_, allow) => {
    const found = reached(
      (parts) => {
        const group = new SecurityGroup(parts.stack, 'Group', { vpc: parts.vpc });
        (parts.server.node.defaultChild as CfnResource).addPropertyOverride('VPCSecurityGroups', [
          group.securityGroupId,
        ]);
        parts.server.connections.addSecurityGroup(group);
        allow(group, parts);
      },
      {},
      true,
    );
    expect(found).toEqual([expect.stringMatching(/^BatchFailures error/)]);
  });
});

describe('a function does not reach Postgres', () => {
  it.each<[string, (parts: Parts) => void]>([
    ['without anything', () => {}],
    [
      'by a MySQL and its replica',
      ({ stack, vpc, worker }) => {
        const other = new DatabaseInstance(stack, 'Other', {
          engine: DatabaseInstanceEngine.mysql({ version: MysqlEngineVersion.VER_8_0 }),
          vpc,
          vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
        });
        const replica = new CfnResource(stack, 'Replica', {
          type: 'AWS::RDS::DBInstance',
          properties: { SourceDBInstanceIdentifier: other.instanceIdentifier },
        });
        worker.addEnvironment('HOST', other.instanceEndpoint.hostname);
        worker.addEnvironment('REPLICA', replica.getAtt('Endpoint.Address').toString());
      },
    ],
    [
      'by a permission to describe servers',
      ({ worker }) => worker.addToRolePolicy(statement('rds:DescribeDBInstances')),
    ],
    [
      'by a permission to read any secret',
      ({ worker }) => worker.addToRolePolicy(statement('secretsmanager:GetSecretValue')),
    ],
  ])('%s', (_, connect) => {
    expect(reached(connect)).toEqual([]);
  });

  it('in the VPC of a server that does not admit it', () => {
    expect(reached(() => {}, {}, true)).toEqual([]);
  });
});

describe('functions in the props', () => {
  it('an entry says that a function reaches Postgres, false that it does not', () => {
    expect(reached(() => {}, { functions: { 'Shop/Worker': {} }, maxConnections: 100 })).toEqual([
      expect.stringMatching(/^BatchFailures/),
    ]);
    const connect = ({ server, worker }: Parts) =>
      void worker.addEnvironment('HOST', server.instanceEndpoint.hostname);
    expect(reached(connect, { functions: { 'Shop/Worker': false } })).toEqual([]);
    // The closest path applies.
    expect(reached(connect, { functions: { Shop: {}, 'Shop/Worker/Resource': false } })).toEqual([]);
  });
});
