import { entriesOf } from '../../lib/catalogue/select.ts';
import { functionEnvironments } from '../function-environments.ts';
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
    const { jobs, deadLetters } = use(queues);
    const environments = functionEnvironments({
      config: options.config,
      secrets: use(secrets),
      postgres: use(postgres),
      bucket: bucketName,
      queueUrl: jobs.url,
      deadLettersUrl: deadLetters.url,
      s3Endpoint: use(storage).endpoint,
      sqsEndpoint: use(sqs).endpoint,
    });
    for (const [name, { folder, specification }] of entriesOf(use(functionCode))) {
      const { timeoutSeconds, memoryMb, maxConcurrency } = specification;
      const cap = maxConcurrency === undefined ? {} : { maxConcurrency };
      use(functionHost).add({
        name,
        folder,
        timeoutSeconds,
        memoryMb,
        ...cap,
        environment: environments[name],
      });
    }
  },
};
