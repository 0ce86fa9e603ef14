/** A LocalStack that answers. */
export interface LocalStack {
  /** As in AWS_ENDPOINT_URL. */
  endpoint: string;
  /** Where it came from, for a person. */
  origin: string;
  /** Whether both caps of a function act there, MaximumConcurrency and reserved concurrency from a template. */
  caps: boolean;
  /** What it has logged so far; undefined where nobody can see it from here. */
  log(): Promise<string | undefined>;
  /** The commands that end it, in their order; absent where it was running before and is somebody else's to end. */
  ends?: readonly (readonly string[])[];
  /** The Docker network that its functions are in; absent where they are processes of this machine. */
  network?: string;
}

/** What LocalStack takes for an account, and the region that everything of ours lies in. */
export const account = '000000000000';
export const region = 'us-east-1';
export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** LocalStack could not be started, or what was started does not do what it must. The message is for a person. */
export class LocalStackProblem extends Error {
  override readonly name = 'LocalStackProblem';
}

/** Whether a LocalStack answers there. */
export async function answers(endpoint: string): Promise<boolean> {
  try {
    const health = await fetch(`${endpoint}/_localstack/health`, { signal: AbortSignal.timeout(2_000) });
    await health.body?.cancel();
    return health.ok;
  } catch {
    return false;
  }
}
