import { readCdkArguments } from './stage/arguments.ts';
import { checkAccount } from './stage/check-account.ts';
import { isConfigMistake } from './stage/config.ts';

/*
 * npm run preflight -- -c stage=prod [--profile one] [--json]: checks whether the stage can be deployed to the account.
 * It changes nothing. Exits with 1 if a check blocks the deployment, with 2 if the configuration is wrong. A check that
 * lacks permissions is reported and does not fail. AWS_REGION, AWS_PROFILE and AWS_ENDPOINT_URL apply as usual.
 */
// The reader may close the pipe early (`| head`); the exit code still holds.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
const args = process.argv.slice(2);
try {
  const json = args.includes('--json');
  const clear = await checkAccount(readCdkArguments(args), { json, say: (text) => console.log(text) });
  process.exitCode = clear ? 0 : 1;
} catch (error) {
  if (!isConfigMistake(error)) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = 2;
}
