/** What arguments for the CDK's CLI say that we need as well. */
export interface CdkArguments {
  /** Of `-c stage=prod`; `dev` unless told, as in bin/sluice.ts. */
  stage: string;
  profile: string | undefined;
}

/** Reads them as the CLI does, and passes over all others: `-c stage=prod`, `--context=stage=prod`, `--profile one`. */
export function readCdkArguments(args: readonly string[]): CdkArguments {
  const values = (...names: string[]) =>
    args.flatMap((argument, place) => {
      const [name = '', ...rest] = argument.split('=');
      if (!names.includes(name)) return [];
      return rest.length > 0 ? [rest.join('=')] : (args[place + 1] ?? []);
    });
  const stage = values('-c', '--context').findLast((value) => value.startsWith('stage='));
  return { stage: stage?.slice('stage='.length) ?? 'dev', profile: values('--profile').at(-1) };
}
