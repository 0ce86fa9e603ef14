import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { z } from 'zod';
import type { DatabaseRole } from '../../lambda/domain/roles.ts';
import type { databaseEnvironment } from '../../lambda/runtime/environment.ts';
import { allow } from '../policies/allow.ts';
import { secretInPolicies } from '../policies/secret-arn.ts';
import type { DatabaseSettings } from './connection.ts';

type Variables = z.input<typeof databaseEnvironment>;

/** What a function needs to log in: variables for its environment and statements for its role. */
export interface DatabaseAccess {
  environment: Variables;
  statements: PolicyStatement[];
}

/** Logs in as one role of Postgres, and may log in as no other. */
export function accessAs(scope: Construct, database: DatabaseSettings, role: DatabaseRole): DatabaseAccess {
  const { roles } = database;
  if (roles.auth === 'password')
    return {
      environment: {
        ...address(database),
        DATABASE_USER: role,
        DATABASE_AUTH: 'password',
        DATABASE_SECRET_ARN: roles.secret.secretArn,
      },
      statements: readPasswords(roles.secret),
    };
  return {
    environment: { ...address(database), DATABASE_USER: role, DATABASE_AUTH: 'iam' },
    statements: [
      allow('Connect', ['rds-db:connect'], [databaseUser(Stack.of(scope), roles.resourceId, role)]),
    ],
  };
}

/** A role of Postgres as IAM names it: a user of the server, the cluster or the proxy with this resource id. */
export function databaseUser(stack: Stack, resourceId: string, role: string): string {
  return stack.formatArn({
    service: 'rds-db',
    resource: 'dbuser',
    resourceName: `${resourceId}/${role}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/**
 * Logs in as the owner. Where the roles have a proxy before them, the owner passes it by; where they have a password,
 * the owner reads that too, to set it.
 */
export function accessAsOwner(scope: Construct, { owner, ...database }: DatabaseSettings): DatabaseAccess {
  const place = { ...address({ ...database, ...owner.address }), DATABASE_USER: owner.user };
  const secrets = database.roles.auth === 'password' ? [database.roles.secret] : [];
  if ('secret' in owner) {
    const { secretArn } = owner.secret;
    return {
      environment: { ...place, DATABASE_AUTH: 'password', DATABASE_SECRET_ARN: secretArn },
      statements: readPasswords(owner.secret, ...secrets),
    };
  }
  const user = databaseUser(Stack.of(scope), owner.resourceId, owner.user);
  return {
    environment: { ...place, DATABASE_AUTH: 'iam' },
    statements: [allow('Connect', ['rds-db:connect'], [user]), ...readPasswords(...secrets)],
  };
}

/** Of a secret with a key of KMS of its own that key too: its policy leaves it to IAM who opens secrets with it. */
function readPasswords(...secrets: ISecret[]): PolicyStatement[] {
  if (secrets.length === 0) return [];
  const keys = secrets.flatMap(({ encryptionKey }) => encryptionKey?.keyArn ?? []);
  return [
    allow('ReadPassword', ['secretsmanager:GetSecretValue'], secrets.map(secretInPolicies)),
    ...(keys.length === 0 ? [] : [allow('OpenPassword', ['kms:Decrypt'], keys)]),
  ];
}

function address({ host, port, name, tls }: Omit<DatabaseSettings, 'owner'>) {
  return { DATABASE_HOST: host, DATABASE_PORT: port, DATABASE_NAME: name, DATABASE_TLS: tls } as const;
}
