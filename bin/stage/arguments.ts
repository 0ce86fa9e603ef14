/** A command line that would go to another stage than it names. */
export class ArgumentMistake extends Error {
  override readonly name = 'ArgumentMistake';
}

/** What arguments for the CDK's CLI say that we need as well. */
export interface CdkArguments {
  /** Of `-c stage=prod`; `dev` unless told, as in bin/sluice.ts. */
  stage: string;
  profile: string | undefined;
}

const contexts = ['-c', '--context'];

/**
 * Reads them as the CLI does, and passes over all others: `-c stage=prod`, `--context=stage=prod`, `--profile one`.
 * @throws ArgumentMistake for `--stage prod`, as `npm run operate` has it, for `stage=prod`, and for `npm run deploy -c stage=prod`
 * without `--`: the CLI would deploy `dev`.
 */
export function readCdkArguments(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): CdkArguments {
  const values = (...names: string[]) =>
    args.flatMap((argument, place) => {
      const [name = '', ...rest] = argument.split('=');
      if (!names.includes(name)) return [];
      return rest.length > 0 ? [rest.join('=')] : (args[place + 1] ?? []);
    });
  const { npm_config_call: call, npm_config_context: context, npm_config_stage: stageOfNpm } = environment;
  const kept = [call, context, stageOfNpm && `stage=${stageOfNpm}`].find((one) => one?.startsWith('stage='));
  if (kept !== undefined)
    throw new ArgumentMistake(
      `npm has kept ${kept} for itself: what is for the command comes behind two hyphens, -- -c ${kept}.`,
    );
  const bare = args.find(
    (argument, place) => argument.startsWith('stage=') && !contexts.includes(args[place - 1] ?? ''),
  );
  const misnamed = values('--stage')[0] ?? bare?.slice('stage='.length);
  if (misnamed !== undefined)
    throw new ArgumentMistake(
      `The stage is named by -c stage=${misnamed}; without -c the CDK would take dev.`,
    );
  const stage = values(...contexts).findLast((value) => value.startsWith('stage='));
  return { stage: stage?.slice('stage='.length) ?? 'dev', profile: values('--profile').at(-1) };
}
