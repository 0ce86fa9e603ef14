import type { FunctionName } from '../../lib/catalogue/catalogue.ts';
import { eachInnerQueue } from '../../lib/catalogue/inner-queues.ts';
import { entriesOf, onlyOne } from '../../lib/catalogue/select.ts';
import type { LocalFunction } from '../build.ts';
import { functionEnvironments } from '../function-environments.ts';
import type { LambdaHost } from '../lambda/host.ts';
import { functionCode, functionHost } from './function-host.ts';
import { secrets } from './home.ts';
import type { Part } from './part.ts';
import { postgres } from './postgres.ts';
import { queues, sqs } from './queues.ts';
import { bucketName, storage } from './storage.ts';

/** Registers the functions with the host, each with its environment. Their triggers follow in pipeline.ts. */
export const functions: Part<void> = {
  name: 'functions',
  start({ options, use }) {
    const { jobs, deadLetters, inner } = use(queues);
    const environments = functionEnvironments({
      config: options.config,
      secrets: use(secrets),
      postgres: use(postgres),
      bucket: bucketName,
      queueUrl: jobs.url,
      deadLettersUrl: deadLetters.url,
      innerQueueUrls: eachInnerQueue((queue) => inner[queue].url),
      s3Endpoint: use(storage).endpoint,
      sqsEndpoint: use(sqs).endpoint,
      topic: options.topic,
    });
    // A mapping beyond the configuration is not to be throttled.
    const uncapped = options.mappingConcurrency === undefined ? undefined : onlyOne('sqs-jobs');
    addFunctions(use(functionHost), use(functionCode), environments, uncapped);
  },
};

export function addFunctions(
  host: Pick<LambdaHost, 'add'>,
  code: Record<FunctionName, LocalFunction>,
  environments: Record<FunctionName, Record<string, string>>,
  uncapped?: FunctionName,
): void {
  for (const [name, { folder, specification }] of entriesOf(code)) {
    const { timeoutSeconds, memoryMb, maxConcurrency } = specification;
    const cap = maxConcurrency === undefined || name === uncapped ? {} : { maxConcurrency };
    host.add({ name, folder, timeoutSeconds, memoryMb, ...cap, environment: environments[name] });
  }
}
