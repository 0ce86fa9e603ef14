import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { credentials, LocalStackProblem, region } from './localstack.ts';

/** Invokes a function and returns its result. @throws LocalStackProblem with the function's own error. */
export async function invokeFunction<Result>(
  endpoint: string,
  FunctionName: string,
  event: object,
): Promise<Result> {
  const client = new LambdaClient({ endpoint, region, credentials });
  const Payload = Buffer.from(JSON.stringify(event));
  const { FunctionError, Payload: result } = await client.send(new InvokeCommand({ FunctionName, Payload }));
  client.destroy();
  const text = Buffer.from(result ?? []).toString('utf8');
  if (FunctionError !== undefined) throw new LocalStackProblem(`${FunctionName} failed: ${text}`);
  return JSON.parse(text) as Result;
}
