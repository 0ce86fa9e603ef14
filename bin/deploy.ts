import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { join } from 'node:path';
import { readCdkArguments } from './stage/arguments.ts';
import { checkAccount } from './stage/check-account.ts';
import { isConfigMistake } from './stage/config.ts';

/*
 * npm run deploy -- -c stage=prod [options of `cdk deploy`]: checks the account first (npm run preflight), then runs
 * `cdk deploy --all` with all arguments. Exits with 1, without a deployment, if a check blocks it; otherwise with the
 * exit code of the CDK. --no-preflight skips the checks.
 */
const given = process.argv.slice(2);
const args = given.filter((argument) => argument !== '--no-preflight');
const skip = args.length < given.length || args.some((argument) => ['--help', '-h'].includes(argument));
try {
  const named = readCdkArguments(args);
  const clear = skip || (await checkAccount(named, { json: false, say: (text) => console.error(text) }));
  if (clear) process.exitCode = await cdk(['deploy', '--all', ...args]);
  else {
    console.error('Nothing was deployed. Use --no-preflight to deploy anyway.');
    process.exitCode = 1;
  }
} catch (error) {
  if (!isConfigMistake(error)) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = 2;
}

/**
 * Ctrl-C reaches the CLI from the terminal; SIGTERM (a cancelled pipeline) is passed on. Both wait for the CLI to exit.
 */
async function cdk(words: string[]): Promise<number> {
  const child = spawn(join(import.meta.dirname, '../node_modules/.bin/cdk'), words, { stdio: 'inherit' });
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  // As in a shell.
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
