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

/** What a function needs to log in: environment variables and statements for its role. */
export interface DatabaseAccess {
  environment: Variables;
  statements: PolicyStatement[];
}

/** Access as one database role only. */
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

/** The IAM ARN of a database role: a user of the server, cluster or proxy with this resource id. */
export function databaseUser(stack: Stack, resourceId: string, role: string): string {
  return stack.formatArn({
    service: 'rds-db',
    resource: 'dbuser',
    resourceName: `${resourceId}/${role}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** Access as the owner. It bypasses a proxy, and reads the password of the roles, if any, in order to set it. */
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

/** Includes the secret's own KMS key, if any, because its key policy may delegate to IAM. */
function readPasswords(...secrets: ISecret[]): PolicyStatement[] {
  if (secrets.length === 0) return [];
  const keys = secrets.flatMap(({ encryptionKey }) => encryptionKey?.keyArn ?? []);
  return [
    allow('ReadPassword', ['secretsmanager:GetSecretValue'], secrets.map(secretInPolicies)),
    ...(keys.length === 0 ? [] : [allow('OpenPassword', ['kms:Decrypt'], keys)]),
  ];
}

function address({ host, port, name, tls, pooled, roles }: Omit<DatabaseSettings, 'owner'>) {
  // RDS says what a login by IAM reaches. Behind a host with passwords there may be a pooler, such as PgBouncer.
  const direct = roles.auth === 'iam' && pooled !== true;
  return {
    DATABASE_HOST: host,
    DATABASE_PORT: port,
    DATABASE_NAME: name,
    DATABASE_TLS: tls,
    DATABASE_PREPARED_STATEMENTS: direct ? 'named' : 'unnamed',
  } as const;
}
