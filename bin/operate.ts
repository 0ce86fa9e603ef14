import { readFileSync } from 'node:fs';
import { type Command, CommandMistake, readCommand } from './operate/command.ts';
import type { Answers } from './operate/format-answer.ts';
import { usage } from './operate/usage.ts';

/* npm run operate -- keys list acme: operates a deployment through its function `migrate`. */
try {
  const command = readCommand(process.argv.slice(2), () => readFileSync(0, 'utf8'));
  if (command === undefined) console.log(usage);
  else process.exitCode = await perform(command);
} catch (error) {
  if (!(error instanceof CommandMistake)) throw error;
  console.error(`${error.message}\nnpm run operate -- --help says what there is.`);
  process.exitCode = 2;
}

/** Loads its dependencies late, so that a misspelt command fails at once. */
async function perform({ event, stage, functionName, profile, region, json }: Command): Promise<number> {
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  const { configOf, isConfigMistake } = await import('./stage/config.ts');
  const { stackNames } = await import('../lib/config/stack-names.ts');
  const { namedRegion } = await import('../lib/preflight/queries/identity.ts');
  const { invokeMigrate, migrateFunctionOf, OperationFailed } = await import('./operate/migrate-function.ts');
  const { reportWhileWaiting } = await import('./operate/report-waiting.ts');
  const { formatAnswer } = await import('./operate/format-answer.ts');
  try {
    // As the CDK's CLI.
    const where = region ?? (await namedRegion()) ?? 'us-east-1';
    const name = functionName ?? (await migrateFunctionOf(stackNames(await configOf(stage)).pipeline, where));
    // A migration may take a quarter of an hour. Progress is for terminals; a pipe gets errors only.
    const say = (line: string) => process.stderr.isTTY && console.error(line);
    const answer = await reportWhileWaiting(name, invokeMigrate(name, event, where), say);
    console.log(json ? JSON.stringify(answer, null, 2) : formatAnswer(answer as Answers));
    return 0;
  } catch (error) {
    const failed = error instanceof OperationFailed;
    if (!failed && !isConfigMistake(error)) throw error;
    console.error(error.message);
    return failed ? 1 : 2;
  }
}
