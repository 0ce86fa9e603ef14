import { Fn, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDBProxy, CfnDBProxyTargetGroup } from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { roleUses } from '../catalogue/select.ts';
import { poolConnections } from '../config/budget.ts';
import { databaseUser } from './database-access.ts';
import type { Server, ServerProps } from './server.ts';

/** RDS Proxy always listens on this port for PostgreSQL, whatever the server's port. */
const port = 5432;

export function proxyLogName(identifier: string): string {
  return `/aws/rds/proxy/${identifier}`;
}

/**
 * RDS Proxy in front of a server: a pool that functions share by transaction. Authentication is by IAM end to end: the
 * functions log in to the proxy with a token, and the proxy to the server as the same user, so there is no password. The
 * owner cannot use the proxy: `migrate` connects to the server, because its session lock would pin a pooled connection.
 */
export class DatabaseProxy extends Construct {
  readonly host: string;
  readonly port = String(port);
  /** `prx-…`, which IAM policies use for its users. */
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
          resources: roleUses().map(({ role }) => databaseUser(stack, server.resourceId, role)),
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
      // Would log statements with their values.
      debugLogging: false,
      // Seconds. An environment that was frozen for longer reconnects, as it does without a proxy.
      idleClientTimeout: 300,
      vpcSubnetIds: network.vpc.selectSubnets(network.subnets).subnetIds,
      vpcSecurityGroupIds: [group.securityGroupId],
    });
    const targets = new CfnDBProxyTargetGroup(this, 'Targets', {
      dbProxyName: proxy.ref,
      targetGroupName: 'default',
      ...server.target,
      connectionPoolConfigurationInfo: {
        // Percentage of max_connections: the budget without reserve, superuser and migrate.
        maxConnectionsPercent: poolConnections(config).percent,
        // Seconds to wait for a pooled connection: less than the functions' own timeouts of 7 (api) and 12.
        connectionBorrowTimeout: 5,
      },
    });
    targets.node.addDependency(...server.parts);
    this.host = proxy.attrEndpoint;
    // arn:aws:rds:<region>:<account>:db-proxy:prx-…
    this.resourceId = Fn.select(6, Fn.split(':', proxy.attrDbProxyArn));
  }
}
