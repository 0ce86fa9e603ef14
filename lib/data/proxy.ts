import { Fn, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDBProxy, CfnDBProxyTargetGroup } from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { databaseRoles } from '../../lambda/domain/roles.ts';
import { poolConnections } from '../config/budget.ts';
import { databaseUser } from './database-access.ts';
import type { Server, ServerProps } from './server.ts';

/** RDS Proxy listens here for PostgreSQL, whatever port the server has. */
const port = 5432;

/** Name of the log group that RDS writes for a proxy. */
export function proxyLogName(identifier: string): string {
  return `/aws/rds/proxy/${identifier}`;
}

/**
 * RDS Proxy in front of a server: a pool that functions share by the transaction. IAM from end to end: functions sign
 * in at the proxy with a token, and so does the proxy at the server, as the same user; it needs no secret, and knows
 * no password that could be read out of it. The owner is not let through: `migrate` speaks to the server itself,
 * because its lock is held by the session, which a pool would pin.
 */
export class DatabaseProxy extends Construct {
  readonly host: string;
  readonly port = String(port);
  /** `prx-…`, by which IAM knows its users. */
  readonly resourceId: string;

  constructor(scope: Construct, id: string, { config, network, identifier }: ServerProps, server: Server) {
    super(scope, id);
    const stack = Stack.of(this);
    const group = network.group('Proxy', 'RDS Proxy');
    network.insertBetween(group, port);

    const policy = new ManagedPolicy(this, 'Policy', {
      statements: [
        new PolicyStatement({
          sid: 'Connect',
          actions: ['rds-db:connect'],
          resources: databaseRoles.map((user) => databaseUser(stack, server.resourceId, user)),
        }),
      ],
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('rds.amazonaws.com'),
      managedPolicies: [policy],
    });
    const proxy = new CfnDBProxy(this, 'Proxy', {
      dbProxyName: identifier,
      engineFamily: 'POSTGRESQL',
      defaultAuthScheme: 'IAM_AUTH',
      roleArn: role.roleArn,
      requireTls: true,
      // Statements would be written to the log with it, values included.
      debugLogging: false,
      // Seconds. An environment that is frozen for longer connects again, as it does without a proxy.
      idleClientTimeout: 300,
      vpcSubnetIds: network.vpc.selectSubnets(network.subnets).subnetIds,
      vpcSecurityGroupIds: [group.securityGroupId],
    });
    const targets = new CfnDBProxyTargetGroup(this, 'Targets', {
      dbProxyName: proxy.ref,
      targetGroupName: 'default',
      ...server.target,
      connectionPoolConfigurationInfo: {
        // Of max_connections: what the budget leaves when reserve, superuser and migrate have theirs.
        maxConnectionsPercent: poolConnections(config).percent,
        // Seconds to wait for a connection of the pool: less than the 7 (api) or 12 that a function waits for an answer.
        connectionBorrowTimeout: 5,
      },
    });
    targets.node.addDependency(...server.parts);
    this.host = proxy.attrEndpoint;
    // arn:aws:rds:<region>:<account>:db-proxy:prx-…
    this.resourceId = Fn.select(6, Fn.split(':', proxy.attrDbProxyArn));
  }
}
