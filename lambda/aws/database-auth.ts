import { Signer } from '@aws-sdk/rds-signer';
import * as z from 'zod/mini';
import type { DatabaseEnvironment } from '../runtime/environment.ts';
import { openFreshness } from '../runtime/freshness.ts';

/**
 * Passwords of secrets. A rotation is noticed within a minute. While Secrets Manager is away or throttles, the last password
 * is used for ten minutes: it is probably valid, and if it is not, the database refuses it.
 */
const passwords = openFreshness<string>(
  { freshMs: 60_000, usableMs: 600_000, retryMs: 30_000, mostNames: 10 },
  { now: () => Date.now(), random: Math.random },
);

/** The deployment provides no database credentials. */
export class CredentialsMissing extends Error {
  override readonly name = 'CredentialsMissing';
}

/**
 * Password for a new connection: a token signed without a call (`iam`, valid for 15 minutes), DATABASE_PASSWORD, or the
 * `password` field of the JSON in DATABASE_SECRET_ARN. The Secrets Manager client is loaded only if needed.
 * @throws CredentialsMissing if `password` is configured and neither variable is set.
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

/** The `password` field of a secret's JSON. @throws CredentialsMissing if it has none. */
export async function secretPassword(arn: string): Promise<string> {
  const password = await passwords.get(arn, async () => ({ value: await readPassword(arn) }));
  // It is read or an error is thrown.
  return password as string;
}

async function readPassword(arn: string): Promise<string> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  const secret = z.object({ password: z.string().check(z.minLength(1)) }).safeParse(parseJson(SecretString));
  if (!secret.success) throw new CredentialsMissing('the secret of the database has no field "password"');
  return secret.data.password;
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
