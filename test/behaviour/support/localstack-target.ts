import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import pg from 'pg';
import type { FunctionName } from '../../../lib/catalogue/catalogue.ts';
import { credentials, region } from '../../../local/localstack/localstack.ts';
import { openClient } from '../../support/client.ts';
import { cloudControls } from './cloud-controls.ts';
import { readLog } from './log-lines.ts';
import { moveDeadLetters } from './queues.ts';
import type { SuiteDeployment } from './suite-deployment.ts';
import type { Target } from './target.ts';

/** The deployment that the run's setup created. */
export async function openLocalStackTarget(deployment: SuiteDeployment): Promise<Target> {
  const { endpoint, deployed, tenant, apiKey, postgres, maxConcurrency } = deployment;
  const { url, bucket, jobsQueueUrl, deadLettersUrl, stack } = deployed;
  const settings = { endpoint, region, credentials };
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const sqs = new SQSClient(settings);
  const logs = new CloudWatchLogsClient(settings);
  const sql = new pg.Pool({ ...postgres, max: 2 });
  sql.on('error', () => undefined);
  return {
    kind: 'localstack',
    client: openClient(url, apiKey),
    tenant,
    url,
    s3,
    bucket,
    sqs,
    jobsQueueUrl,
    deadLettersUrl,
    sql,
    maxConcurrency,
    async log(name) {
      const group = await logGroup(logs, stack, name);
      if (group === undefined) return [];
      const lines: string[] = [];
      for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, { logGroupName: group }))
        lines.push(...events.map(({ message = '' }) => message.trim()));
      return readLog(lines);
    },
    // LocalStack's StartMessageMoveTask keeps the receive count; on AWS it is a new message.
    redrive: () => moveDeadLetters({ sqs, jobsQueueUrl, deadLettersUrl }),
    cloud: cloudControls(deployment, sqs),
    async close() {
      await sql.end();
      for (const client of [s3, sqs, logs]) client.destroy();
    },
  };
}

/** LocalStack ignores a function's log group and uses Lambda's default. */
async function logGroup(
  client: CloudWatchLogsClient,
  stack: string,
  name: FunctionName,
): Promise<string | undefined> {
  const logGroupNamePrefix = `/aws/lambda/${stack}-`;
  const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix }));
  return logGroups
    .map(({ logGroupName }) => logGroupName)
    .find((found) => found?.includes(`Functions${name}`));
}
