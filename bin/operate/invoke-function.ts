import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientConfig, connectionTimeout } from '../../lib/preflight/queries/clients.ts';

/** The function was not found, not reachable, or refused; the message is for a person. */
export class OperationFailed extends Error {
  override readonly name = 'OperationFailed';
}

/** The output of a pipeline stack that names a function. @throws OperationFailed */
export async function functionOf(
  stackName: string,
  region: string,
  output: 'MigrateFunction' | 'OperateFunction',
): Promise<string> {
  const client = new CloudFormationClient(clientConfig({ region }));
  const { Stacks = [] } = await client
    .send(new DescribeStacksCommand({ StackName: stackName }))
    .catch((error: unknown) => {
      throw new OperationFailed(
        error instanceof Error && /does not exist/.test(error.message)
          ? `There is no stack ${stackName} in ${region}: --stage names another stage, --region another region.`
          : `The stack ${stackName} could not be described: ${errorText(error)}`,
        { cause: error },
      );
    });
  const [stack] = Stacks;
  const name = stack?.Outputs?.find(({ OutputKey }) => OutputKey === output)?.OutputValue;
  if (name === undefined)
    throw new OperationFailed(
      `The stack ${stackName} (${stack?.StackStatus}) has no output ${output}: its deploy is not complete, or it is another stack.`,
    );
  return name;
}

/** Invokes the live version. @throws OperationFailed with the function's message */
export async function invokeFunction(
  functionName: string,
  event: Record<string, unknown>,
  region: string,
): Promise<unknown> {
  // A migration may take as long as the function may; it must not be retried automatically.
  const client = new LambdaClient({
    region,
    maxAttempts: 1,
    requestHandler: { connectionTimeout, requestTimeout: 900_000 },
  });
  const Payload = Buffer.from(JSON.stringify(event));
  const { FunctionError, Payload: answer } = await client
    .send(new InvokeCommand({ FunctionName: functionName, Qualifier: 'live', Payload }))
    .catch((error: unknown) => {
      throw new OperationFailed(
        error instanceof Error && error.name === 'TooManyRequestsException'
          ? `${functionName} is busy: it runs one invocation at a time. Try again.`
          : `${functionName} could not be invoked: ${errorText(error)}`,
        { cause: error },
      );
    });
  const text = Buffer.from(answer ?? []).toString('utf8');
  if (FunctionError !== undefined) throw new OperationFailed(refusal(text));
  return JSON.parse(text) as unknown;
}

/** The function's error: type and message, without its stack. */
function refusal(text: string): string {
  try {
    const { errorType = 'Error', errorMessage = text } = JSON.parse(text) as Record<string, string>;
    // These messages are made for operators; for others the type helps more.
    return ['OperationMistake', 'EventMistake', 'KeyRevoked', 'KeyTaken', 'MigrationMistake'].includes(
      errorType,
    )
      ? errorMessage
      : `${errorType}: ${errorMessage}`;
  } catch {
    return text;
  }
}

function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
