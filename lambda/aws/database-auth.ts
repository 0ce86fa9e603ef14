import { Signer } from '@aws-sdk/rds-signer';
import * as z from 'zod/mini';
import type { DatabaseEnvironment } from '../runtime/environment.ts';

/** Cache lifetime of a secret: a rotation is noticed within a minute. */
const secretLifeMs = 60_000;
const remembered = new Map<string, { password: string; until: number }>();

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
