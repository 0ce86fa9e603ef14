/** A command line that would apply to a stage other than the one it names. */
export class ArgumentMistake extends Error {
  override readonly name = 'ArgumentMistake';
}

/** Arguments of the CDK CLI that our commands need too. */
export interface CdkArguments {
  /** From `-c stage=prod`; by default `dev`, as in bin/sluice.ts. */
  stage: string;
  profile: string | undefined;
}

const contexts = ['-c', '--context'];

/**
 * Reads `-c stage=prod`, `--context=stage=prod` and `--profile one` as the CLI does, and ignores other arguments.
 * @throws ArgumentMistake for `--stage prod` (the option of `npm run operate`), for `stage=prod`, and for
 * `npm run deploy -c stage=prod` without `--`: the CLI would deploy `dev`.
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
  const consumed = [call, context, stageOfNpm && `stage=${stageOfNpm}`].find((one) =>
    one?.startsWith('stage='),
  );
  if (consumed !== undefined)
    throw new ArgumentMistake(
      `npm has consumed ${consumed}: put arguments of the command after two hyphens, -- -c ${consumed}.`,
    );
  const bare = args.find(
    (argument, place) => argument.startsWith('stage=') && !contexts.includes(args[place - 1] ?? ''),
  );
  const misnamed = values('--stage')[0] ?? bare?.slice('stage='.length);
  if (misnamed !== undefined)
    throw new ArgumentMistake(`Name the stage with -c stage=${misnamed}; without -c the CDK would use dev.`);
  const stage = values(...contexts).findLast((value) => value.startsWith('stage='));
  return { stage: stage?.slice('stage='.length) ?? 'dev', profile: values('--profile').at(-1) };
}
