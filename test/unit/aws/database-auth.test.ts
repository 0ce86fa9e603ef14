import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CredentialsMissing, databasePassword } from '../../../lambda/aws/database-auth.ts';

const environment = {
  DATABASE_HOST: 'db.example.internal',
  DATABASE_PORT: 5432,
  DATABASE_NAME: 'sluice',
  DATABASE_USER: 'sluice_api',
  DATABASE_AUTH: 'password',
  DATABASE_TLS: 'verify',
  DATABASE_PREPARED_STATEMENTS: 'named',
} as const;

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => vi.unstubAllEnvs());

it('with iam, the password is a token signed for this user and server', async () => {
  const token = await databasePassword({ ...environment, DATABASE_AUTH: 'iam' });
  expect(token).toMatch(/^db\.example\.internal:5432\/\?/);
  expect(token).toContain('DBUser=sluice_api');
  expect(token).toContain('X-Amz-Signature=');
});

it('a password in the environment is used unchanged', async () => {
  expect(await databasePassword({ ...environment, DATABASE_PASSWORD: 'pw' })).toBe('pw');
});

it('without password and secret, the error names what is missing', async () => {
  await expect(databasePassword({ ...environment })).rejects.toThrow(CredentialsMissing);
});

describe('a secret', () => {
  // fauxqs has no Secrets Manager.
  const manager = mockClient(SecretsManagerClient);
  afterEach(() => manager.reset());

  it('the field "password" of a secret is the password, and is cached for a while', async () => {
    manager
      .on(GetSecretValueCommand, { SecretId: 'arn:one' })
      .resolves({ SecretString: '{"password":"s3"}' });
    const withSecret = { ...environment, DATABASE_SECRET_ARN: 'arn:one' };
    expect(await databasePassword(withSecret)).toBe('s3');
    expect(await databasePassword(withSecret)).toBe('s3');
    expect(manager.calls()).toHaveLength(1);
  });

  it('is read once for twenty connections at once', async () => {
    manager.on(GetSecretValueCommand).resolves({ SecretString: '{"password":"s3"}' });
    const withSecret = { ...environment, DATABASE_SECRET_ARN: 'arn:twenty' };
    const passwords = await Promise.all(Array.from({ length: 20 }, () => databasePassword(withSecret)));
    expect(new Set(passwords)).toEqual(new Set(['s3']));
    expect(manager.calls()).toHaveLength(1);
  });

  it('that cannot be read again is used for ten minutes, with an attempt in half a minute', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const withSecret = { ...environment, DATABASE_SECRET_ARN: 'arn:away' };
      const at = (seconds: number) => {
        vi.setSystemTime(seconds * 1000);
        return databasePassword(withSecret);
      };
      manager.on(GetSecretValueCommand).resolvesOnce({ SecretString: '{"password":"s3"}' }).rejects('away');
      await at(0);
      for (let seconds = 60; seconds < 600; seconds += 3) expect(await at(seconds)).toBe('s3');
      // Between one in 24 and one in 30 seconds.
      expect(manager.calls().length).toBeGreaterThan(18);
      expect(manager.calls().length).toBeLessThan(26);
      await expect(at(600)).rejects.toThrow('away');
      manager.on(GetSecretValueCommand).resolves({ SecretString: '{"password":"rotated"}' });
      expect(await at(601)).toBe('rotated');
    } finally {
      vi.useRealTimers();
    }
  });

  it.each(['not json', '{}', '{"password":""}'])(
    'a secret of another shape is refused: %s',
    async (SecretString) => {
      manager.on(GetSecretValueCommand).resolves({ SecretString });
      const withSecret = { ...environment, DATABASE_SECRET_ARN: `arn:${SecretString}` };
      await expect(databasePassword(withSecret)).rejects.toThrow(CredentialsMissing);
    },
  );
});
