export interface LocalStack {
  endpoint: string;
  /** Where it came from, for the user. */
  origin: string;
  /** Whether it enforces MaximumConcurrency and the template's reserved concurrency. */
  caps: boolean;
  /** Its log so far; undefined if that is not accessible. */
  log(): Promise<string | undefined>;
  /** The commands that stop it, in order; absent if it was running before. */
  ends?: readonly (readonly string[])[];
  /** The Docker network of its functions; absent if they are processes of this machine. */
  network?: string;
}

/** LocalStack's account, and the region of all resources. */
export const account = '000000000000';
export const region = 'us-east-1';
export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** LocalStack could not be started or used. The message is for the user. */
export class LocalStackProblem extends Error {
  override readonly name = 'LocalStackProblem';
}

/** Whether a LocalStack responds there. */
export async function responds(endpoint: string): Promise<boolean> {
  try {
    const health = await fetch(`${endpoint}/_localstack/health`, { signal: AbortSignal.timeout(2_000) });
    await health.body?.cancel();
    return health.ok;
  } catch {
    return false;
  }
}
