import { readCdkArguments } from './stage/arguments.ts';
import { isConfigMistake } from './stage/config.ts';
import { lookAtAccount } from './stage/look.ts';

/*
 * npm run preflight -- -c stage=prod [--profile one] [--json]: asks the account whether the stage can be deployed there.
 * Nothing is changed. Ends with 1 where something stands in the way, with 2 where the configuration is wrong. What may
 * not be asked is said and is no reason to fail. AWS_REGION, AWS_PROFILE and AWS_ENDPOINT_URL do what they always do.
 */
// Whoever reads may go before the end (`| head`): the verdict is still the exit code.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
const args = process.argv.slice(2);
try {
  const json = args.includes('--json');
  const clear = await lookAtAccount(readCdkArguments(args), { json, say: (text) => console.log(text) });
  process.exitCode = clear ? 0 : 1;
} catch (error) {
  if (!isConfigMistake(error)) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = 2;
}
