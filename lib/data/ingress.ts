import { Annotations, Token } from 'aws-cdk-lib';
import { Port } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { DatabaseSettings } from './connection.ts';

/**
 * Allows the functions to reach an existing database: adds a rule to its security group if that is known, otherwise
 * reports the rule that is needed. Without the rule every connection times out.
 */
export function allowFunctions(scope: Construct, database: DatabaseSettings): void {
  const { host, port, owner, connections, network, server } = database;
  if (network === undefined) return;
  const known = connections !== undefined && connections.securityGroups.length > 0;
  for (const { connections: functions } of network.securityGroups)
    if (known) functions.allowTo(connections, connections.defaultPort ?? portOf(port), 'Postgres');
    else functions.allowToAnyIpv4(portOf(port), 'Postgres');

  // The server behind a proxy, at its own address.
  const itself = server === undefined ? owner.address : undefined;
  const needed = [...(known ? [] : [{ host, port }]), ...(itself === undefined ? [] : [itself])];
  const groups = network.securityGroups
    .map(({ securityGroupId, node }) => knownOr(securityGroupId, `the group ${node.path}`))
    .join(' and ');
  for (const to of needed)
    Annotations.of(scope).addInfoV2(
      `sluice:admission:${knownOr(to.host, 'database')}`,
      `The security group of ${knownOr(to.host, 'the database')} must allow ${groups} on tcp ${knownOr(to.port, '(its port)')}. ` +
        'To have the rule added, name that group: securityGroups of an imported server, connections of the settings, or ' +
        'databaseSecurityGroupId of database.connection.network.',
    );
}

/** A readable text: tokens mean nothing to the reader. */
function knownOr(value: string, otherwise: string): string {
  return Token.isUnresolved(value) ? otherwise : value;
}

function portOf(port: string): Port {
  return Port.tcp(Token.isUnresolved(port) ? Token.asNumber(port) : Number(port));
}
