import { readFileSync } from 'node:fs';
import { type Command, CommandMistake, readCommand } from './operate/command.ts';
import type { Results } from './operate/format-result.ts';
import { usage } from './operate/usage.ts';

/* npm run operate -- keys list acme: operates a deployment through its functions `operate` and `migrate`. */
try {
  const command = readCommand(process.argv.slice(2), () => readFileSync(0, 'utf8'));
  if (command === undefined) console.log(usage);
  else process.exitCode = await perform(command);
} catch (error) {
  if (!(error instanceof CommandMistake)) throw error;
  console.error(`${error.message}\nnpm run operate -- --help lists the commands.`);
  process.exitCode = 2;
}

/** Loads its dependencies late, so that a misspelt command fails at once. */
async function perform({ event, output, stage, functionName, ...command }: Command): Promise<number> {
  const { profile, region, json } = command;
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  const { configOf, isConfigMistake } = await import('./stage/config.ts');
  const { stackNames } = await import('../lib/config/stack-names.ts');
  const { namedRegion } = await import('../lib/preflight/queries/identity.ts');
  const { functionOf, invokeFunction, OperationFailed } = await import('./operate/invoke-function.ts');
  const { reportWhileWaiting } = await import('./operate/report-waiting.ts');
  const { formatResult, isBroken } = await import('./operate/format-result.ts');
  try {
    // As the CDK's CLI.
    const where = region ?? (await namedRegion()) ?? 'us-east-1';
    const name =
      functionName ?? (await functionOf(stackNames(await configOf(stage)).pipeline, where, output));
    // A migration may take a quarter of an hour. Progress is for terminals; a pipe gets errors only.
    const say = (line: string) => process.stderr.isTTY && console.error(line);
    const result = (await reportWhileWaiting(name, invokeFunction(name, event, where), say)) as Results;
    console.log(json ? JSON.stringify(result, null, 2) : formatResult(result));
    return isBroken(result) ? 1 : 0;
  } catch (error) {
    const failed = error instanceof OperationFailed;
    if (!failed && !isConfigMistake(error)) throw error;
    console.error(error.message);
    return failed ? 1 : 2;
  }
}
