import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CredentialsMissing } from '../../../lambda/aws/database-auth.ts';
import { secretLogin } from '../../../lambda/aws/secret-login.ts';

// fauxqs has no Secrets Manager.
const manager = mockClient(SecretsManagerClient);
beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  manager.reset();
});
const holds = (SecretString: string) => manager.on(GetSecretValueCommand).resolves({ SecretString });

it('a secret is read once a minute, and a rotation is noticed after it', async () => {
  const one = { username: 'relay', password: 'one' };
  const two = { username: 'relay', password: 'two' };
  holds(JSON.stringify(one));
  expect(await secretLogin('arn:login')).toEqual(one);
  holds(JSON.stringify(two));
  vi.setSystemTime(Date.now() + 59_000);
  expect(await secretLogin('arn:login')).toEqual(one);
  vi.setSystemTime(Date.now() + 2_000);
  expect(await secretLogin('arn:login')).toEqual(two);
  expect(manager.commandCalls(GetSecretValueCommand).map(({ args }) => args[0].input)).toEqual([
    { SecretId: 'arn:login' },
    { SecretId: 'arn:login' },
  ]);
});

it.each(['', 'not JSON', '{}', '{"username":"relay"}', '{"username":"relay","password":""}', 'null'])(
  'the secret %j has no login, and is read again',
  async (text) => {
    holds(text);
    await expect(secretLogin('arn:bad')).rejects.toThrow(CredentialsMissing);
    await expect(secretLogin('arn:bad')).rejects.toThrow(CredentialsMissing);
    expect(manager.calls()).toHaveLength(2);
  },
);

it('the error does not contain the secret', async () => {
  holds('{"password":"hidden-one"}');
  await expect(secretLogin('arn:hidden')).rejects.not.toThrow('hidden-one');
});
