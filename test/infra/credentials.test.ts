import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bundleFunctions } from '../../lib/bundling/bundle.ts';
import { catalogue } from '../../lib/catalogue/catalogue.ts';
import { projectRoot, temporaryFolder } from './synthesis.ts';

/*
 * Bundles have another source of credentials than the code in tests (lambda/aws/environment-credentials.ts). The local
 * runner uses it with S3 and SQS, but the signer of database logins is used with RDS only.
 */
const folder = temporaryFolder();
const [entry] = bundleFunctions(projectRoot, {
  ...catalogue,
  api: { ...catalogue.api, entries: { index: 'lambda/aws/database-auth.ts' } },
}).files.map(({ path, contents }) => {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, contents);
  return file;
});

/** The token of a bundled function, in an environment with only these variables. */
function token(variables: Record<string, string>) {
  const code = `
    const { databasePassword } = await import(${JSON.stringify(pathToFileURL(entry ?? '').href)});
    const login = { DATABASE_HOST: 'db.example', DATABASE_PORT: 5432, DATABASE_USER: 'sluice_api', DATABASE_AUTH: 'iam' };
    process.stdout.write(await databasePassword(login));`;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    encoding: 'utf8',
    env: { AWS_REGION: 'eu-central-1', ...variables },
  });
}

describe('a bundled function', () => {
  it('a bundled function signs its login with the role’s credentials from the environment', () => {
    const { stdout, stderr } = token({
      AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'session',
    });
    expect(stderr).toBe('');
    const url = new URL(`https://${stdout}`);
    expect(url.host).toBe('db.example:5432');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: 'connect',
      DBUser: 'sluice_api',
      'X-Amz-Credential': expect.stringMatching(/^ASIAEXAMPLE\/\d{8}\/eu-central-1\/rds-db\/aws4_request$/),
      'X-Amz-Security-Token': 'session',
    });
  });

  it('a bundled function looks for credentials nowhere else', () => {
    const { status, stderr } = token({ HOME: temporaryFolder() });
    expect(status).not.toBe(0);
    expect(stderr).toContain('CredentialsProviderError');
  });
});
