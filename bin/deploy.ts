import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { join } from 'node:path';
import { readCdkArguments } from './stage/arguments.ts';
import { isConfigMistake } from './stage/config.ts';
import { lookAtAccount } from './stage/look.ts';

/*
 * npm run deploy -- -c stage=prod [what `cdk deploy` takes]: asks the account first (npm run preflight), then runs
 * `cdk deploy --all` with all arguments. Ends with 1 before anything is deployed where something stands in the way, else
 * as the CDK ends. --no-preflight asks nothing.
 */
const asked = process.argv.slice(2);
const args = asked.filter((argument) => argument !== '--no-preflight');
const skip = args.length < asked.length || args.some((argument) => ['--help', '-h'].includes(argument));
try {
  const named = readCdkArguments(args);
  const clear = skip || (await lookAtAccount(named, { json: false, say: (text) => console.error(text) }));
  if (clear) process.exitCode = await cdk(['deploy', '--all', ...args]);
  else {
    console.error('Nothing was deployed. --no-preflight deploys all the same.');
    process.exitCode = 1;
  }
} catch (error) {
  if (!isConfigMistake(error)) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = 2;
}

/**
 * Ctrl-C reaches the CLI from the terminal itself; what else ends this process (a pipeline that is cancelled) is passed
 * on. Either way it waits for how the CLI ends.
 */
async function cdk(words: string[]): Promise<number> {
  const child = spawn(join(import.meta.dirname, '../node_modules/.bin/cdk'), words, { stdio: 'inherit' });
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  // As a shell says it.
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
