import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { HomeProblem } from './home.ts';

const secrets = z.object({
  /** The local tenant's key. */
  apiKey: z.string().min(1),
  /** Postgres password of the functions' roles. */
  rolesPassword: z.string().min(1),
  /** The key pair for requests to S3. */
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
});
export type Secrets = z.output<typeof secrets>;

const random = (bytes: number) => randomBytes(bytes).toString('base64url');

/** The secrets of this home, generated once: a URL signed before a restart stays valid. @throws HomeProblem */
export function readSecrets(file: string): Secrets {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return makeSecrets(file);
  }
  try {
    return secrets.parse(JSON.parse(text));
  } catch (cause) {
    throw new HomeProblem(`${file} is invalid. Repair it, or remove its folder and with it all state.`, {
      cause,
    });
  }
}

function makeSecrets(file: string): Secrets {
  const made: Secrets = {
    apiKey: `sluice_${random(32)}`,
    rolesPassword: random(24),
    accessKeyId: `LOCAL${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: random(30),
  };
  writeFileSync(`${file}.new`, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return made;
}
