import { randomBytes } from 'node:crypto';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  ResourceExistsException,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { credentials, region } from './localstack.ts';
import type { Login } from './postgres.ts';

/** The existing database of a deployment, as in SLUICE_DATABASE. `forget` deletes its secrets. */
export interface ConnectedDatabase {
  connection: Record<string, unknown>;
  forget(): Promise<void>;
}

/**
 * Stores the passwords of a Postgres in LocalStack's Secrets Manager: the superuser's as the owner's, and a new one for
 * the functions' roles.
 * @param name of the deployment, the prefix of the secrets' names
 */
export async function connectDatabase(
  endpoint: string,
  name: string,
  { host, port, user, password, database }: Login,
): Promise<ConnectedDatabase> {
  const client = new SecretsManagerClient({ endpoint, region, credentials });
  const names = { owner: `${name}/owner`, roles: `${name}/roles` };
  const owner = await keep(client, names.owner, password);
  const roles = await keep(client, names.roles, randomBytes(24).toString('base64url'));
  return {
    connection: {
      host,
      port,
      name: database,
      // Connections stay on this machine.
      tls: 'off',
      owner: { user, secretArn: owner },
      roles: { auth: 'password', secretArn: roles },
    },
    async forget() {
      for (const SecretId of Object.values(names))
        await client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
      client.destroy();
    },
  };
}

/** @returns the secret's ARN */
async function keep(client: SecretsManagerClient, name: string, password: string): Promise<string> {
  const SecretString = JSON.stringify({ password });
  try {
    return (await client.send(new CreateSecretCommand({ Name: name, SecretString }))).ARN ?? '';
  } catch (error) {
    if (!(error instanceof ResourceExistsException)) throw error;
    return (await client.send(new UpdateSecretCommand({ SecretId: name, SecretString }))).ARN ?? '';
  }
}
