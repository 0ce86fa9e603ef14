import * as z from 'zod/mini';
import { CredentialsMissing } from './database-auth.ts';

/** A rotation is noticed within a minute. */
const lifeMs = 60_000;
const login = z.object({
  username: z.string().check(z.minLength(1)),
  password: z.string().check(z.minLength(1)),
});
const remembered = new Map<string, { login: z.output<typeof login>; until: number }>();

/** The fields `username` and `password` of a secret's JSON. @throws CredentialsMissing if it has them not. */
export async function secretLogin(arn: string): Promise<z.output<typeof login>> {
  const known = remembered.get(arn);
  if (known !== undefined && known.until > Date.now()) return known.login;
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  const read = login.safeParse(parsed(SecretString));
  if (!read.success)
    throw new CredentialsMissing('the secret of Kafka has no fields "username" and "password"');
  remembered.set(arn, { login: read.data, until: Date.now() + lifeMs });
  return read.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
