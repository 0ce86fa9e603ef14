import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { openClient } from '../../support/client.ts';
import { patience } from '../../support/pace.ts';
import { startTestPipeline } from '../../support/pipeline.ts';
import { config } from './config.ts';
import { readLog } from './log-lines.ts';
import { moveDeadLetters } from './queues.ts';
import type { Target } from './target.ts';

/** Interval of the sweep in the suite; `npm start` and AWS use a minute. */
const sweepEveryMs = 2_000;

/** The runner of `npm start`, in this process and a temporary folder. */
export async function openLocalTarget(): Promise<Target> {
  // An interrupted worker delays its batch by 6 × its timeout, so slow machines get a longer timeout.
  const timeoutSeconds = Math.ceil(patience(config.process?.timeoutSeconds ?? 5));
  const pipeline = await startTestPipeline(
    { process: { ...config.process, timeoutSeconds } },
    { sweepEveryMs },
  );
  const { url, apiKey, bucket, logs, sql } = pipeline;
  const credentials = {
    accessKeyId: pipeline.s3.accessKeyId,
    secretAccessKey: pipeline.s3.secretAccessKey,
  };
  const { region, endpoint } = pipeline.s3;
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const sqs = new SQSClient({ endpoint: pipeline.sqs.endpoint, region, credentials });
  const { queueUrl: jobsQueueUrl, dlqUrl: deadLettersUrl } = pipeline.sqs;
  return {
    kind: 'local',
    client: openClient(url, apiKey),
    tenant: 'local',
    url,
    s3,
    bucket,
    sqs,
    jobsQueueUrl,
    deadLettersUrl,
    sql,
    maxConcurrency: pipeline.config.process.maxConcurrency,
    log: async (name) => readLog(readFileSync(join(logs, `${name}.log`), 'utf8').split('\n')),
    // fauxqs has no StartMessageMoveTask.
    redrive: () => moveDeadLetters({ sqs, jobsQueueUrl, deadLettersUrl }),
    async close() {
      s3.destroy();
      sqs.destroy();
      await pipeline.stop();
    },
  };
}
