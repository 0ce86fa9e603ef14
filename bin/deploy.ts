import { spawn } from 'node:child_process';
import { once } from 'node:events';
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

/** Ctrl-C reaches the CLI from the terminal itself; this process waits for how it ends. */
async function cdk(words: string[]): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  const child = spawn(join(import.meta.dirname, '../node_modules/.bin/cdk'), words, { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
