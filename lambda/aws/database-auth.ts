import { Signer } from '@aws-sdk/rds-signer';
import * as z from 'zod/mini';
import type { DatabaseEnvironment } from '../runtime/environment.ts';

/** How long a fetched secret is used again: a rotation is noticed within a minute, a busy worker asks once in one. */
const secretLifeMs = 60_000;
const remembered = new Map<string, { password: string; until: number }>();

/** The database's credentials could not be had because the deployment is wrong. */
export class CredentialsMissing extends Error {
  override readonly name = 'CredentialsMissing';
}

/**
 * The password to log in with, to be asked for at each connect: a token signed for the user (`iam`, valid for 15
 * minutes, made without a call), DATABASE_PASSWORD, or the `password` field of the JSON in DATABASE_SECRET_ARN.
 * What signs is in each bundle anyway; the client of Secrets Manager is loaded only where it is needed.
 * @throws CredentialsMissing where `password` is asked for and neither variable names one.
 */
export async function databasePassword(environment: DatabaseEnvironment): Promise<string> {
  if (environment.DATABASE_AUTH === 'iam') return signedToken(environment);
  if (environment.DATABASE_PASSWORD !== undefined) return environment.DATABASE_PASSWORD;
  if (environment.DATABASE_SECRET_ARN !== undefined) return secretPassword(environment.DATABASE_SECRET_ARN);
  throw new CredentialsMissing('DATABASE_AUTH=password needs DATABASE_PASSWORD or DATABASE_SECRET_ARN');
}

async function signedToken(environment: DatabaseEnvironment): Promise<string> {
  return new Signer({
    hostname: environment.DATABASE_HOST,
    port: environment.DATABASE_PORT,
    username: environment.DATABASE_USER,
  }).getAuthToken();
}

/** The `password` field of a secret's JSON. @throws CredentialsMissing where it has none. */
export async function secretPassword(arn: string): Promise<string> {
  const known = remembered.get(arn);
  if (known !== undefined && known.until > Date.now()) return known.password;
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  const secret = z.object({ password: z.string().check(z.minLength(1)) }).safeParse(parseJson(SecretString));
  if (!secret.success) throw new CredentialsMissing('the secret of the database has no field "password"');
  remembered.set(arn, { password: secret.data.password, until: Date.now() + secretLifeMs });
  return secret.data.password;
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
