import type { SQSEvent } from 'aws-lambda';
import { lambdaHandler } from '../runtime/handler.ts';
import { processBatch } from './batch.ts';
import type { Dependencies } from './dependencies.ts';

/** The worker refuses to start where it would not be alone in its environment. */
export class NotAlone extends Error {
  override readonly name = 'NotAlone';
}

/**
 * One environment runs one batch at a time: the bounds on memory, connections and the sandbox's lane all rest on
 * it. Lambda Managed Instances run several side by side and say so in AWS_LAMBDA_MAX_CONCURRENCY.
 * @throws NotAlone where that variable is set.
 */
export function refuseSharedEnvironment(variables: Record<string, string | undefined>): void {
  if (variables.AWS_LAMBDA_MAX_CONCURRENCY !== undefined)
    throw new NotAlone(
      'AWS_LAMBDA_MAX_CONCURRENCY is set: this function needs an environment per execution, not a managed instance.',
    );
}

export function createHandler(dependencies: Dependencies) {
  return lambdaHandler(dependencies.log, async (event: SQSEvent, remaining) => {
    try {
      return await processBatch(event.Records, dependencies, remaining);
    } finally {
      await dependencies.database.close();
    }
  });
}
