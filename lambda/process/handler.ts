import type { SQSEvent } from 'aws-lambda';
import { openBrownOut } from '../policy/brown-out.ts';
import { lambdaHandler } from '../runtime/handler.ts';
import { processBatch } from './batch.ts';
import { openDatabasePressure } from './database-pressure.ts';
import type { Dependencies } from './dependencies.ts';

/** The worker would share its environment, so it does not start. */
export class NotAlone extends Error {
  override readonly name = 'NotAlone';
}

/**
 * An environment runs one batch at a time, on which the bounds on memory, connections and the sandbox's lane rely. Lambda
 * Managed Instances run several concurrently and set AWS_LAMBDA_MAX_CONCURRENCY.
 * @throws NotAlone if that variable is set.
 */
export function refuseSharedEnvironment(variables: Record<string, string | undefined>): void {
  if (variables.AWS_LAMBDA_MAX_CONCURRENCY !== undefined)
    throw new NotAlone(
      'AWS_LAMBDA_MAX_CONCURRENCY is set: this function needs an environment per execution, not a managed instance.',
    );
}

export function createHandler(dependencies: Dependencies) {
  const pressure = dependencies.pressure ?? openDatabasePressure({ random: dependencies.random });
  const brownOut =
    dependencies.brownOut ?? openBrownOut(dependencies.settings.brownOut, () => performance.now());
  return lambdaHandler(dependencies.log, async (event: SQSEvent, remaining) => {
    try {
      return await processBatch(event.Records, { ...dependencies, pressure, brownOut }, remaining);
    } finally {
      await dependencies.database.close();
    }
  });
}
