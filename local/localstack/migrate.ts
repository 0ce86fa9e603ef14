import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { credentials, LocalStackProblem, region } from './localstack.ts';

export interface Migrated {
  applied: string[];
  tenant?: string;
  /** The tenant's new key, returned only once. */
  apiKey?: string;
}

/** @throws LocalStackProblem with the function's own error. */
export async function invokeMigrate(
  endpoint: string,
  FunctionName: string,
  event: { tenant?: string; keySha256?: string },
): Promise<Migrated> {
  const client = new LambdaClient({ endpoint, region, credentials });
  const Payload = Buffer.from(JSON.stringify(event));
  const { FunctionError, Payload: result } = await client.send(new InvokeCommand({ FunctionName, Payload }));
  client.destroy();
  const text = Buffer.from(result ?? []).toString('utf8');
  if (FunctionError !== undefined) throw new LocalStackProblem(`migrate failed: ${text}`);
  return JSON.parse(text) as Migrated;
}
