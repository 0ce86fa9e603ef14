import { Annotations, Token } from 'aws-cdk-lib';
import { Port } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { DatabaseSettings } from './connection.ts';

/**
 * Lets the functions in at an existing database: by a rule of its security group where that is known, else it is said
 * which rule is needed. Without it no login is refused, but each waits until it is late.
 */
export function allowFunctions(scope: Construct, database: DatabaseSettings): void {
  const { host, port, owner, connections, network, server } = database;
  if (network === undefined) return;
  const known = connections !== undefined && connections.securityGroups.length > 0;
  for (const { connections: functions } of network.securityGroups)
    if (known) functions.allowTo(connections, connections.defaultPort ?? portOf(port), 'Postgres');
    else functions.allowToAnyIpv4(portOf(port), 'Postgres');

  // The server behind a proxy, by its own address.
  const itself = server === undefined ? owner.address : undefined;
  const needed = [...(known ? [] : [{ host, port }]), ...(itself === undefined ? [] : [itself])];
  const groups = network.securityGroups
    .map(({ securityGroupId, node }) => knownOr(securityGroupId, `the group ${node.path}`))
    .join(' and ');
  for (const to of needed)
    Annotations.of(scope).addInfoV2(
      `sluice:admission:${knownOr(to.host, 'database')}`,
      `The security group of ${knownOr(to.host, 'the database')} must let ${groups} in on tcp ${knownOr(to.port, '(its port)')}. ` +
        'Where its group is told the rule is made for the address that the functions use: by securityGroups of an imported ' +
        'server, connections of the settings, or databaseSecurityGroupId of database.connection.network.',
    );
}

/** Somebody reads this, to whom a token says nothing. */
function knownOr(value: string, otherwise: string): string {
  return Token.isUnresolved(value) ? otherwise : value;
}

function portOf(port: string): Port {
  return Port.tcp(Token.isUnresolved(port) ? Token.asNumber(port) : Number(port));
}
