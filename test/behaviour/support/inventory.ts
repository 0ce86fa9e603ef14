import { APIGatewayClient, GetRestApisCommand } from '@aws-sdk/client-api-gateway';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { IAMClient, ListPoliciesCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { LambdaClient, ListEventSourceMappingsCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { credentials, region } from '../../../local/localstack/localstack.ts';

/** Names of an account's resources, by kind. */
export type Inventory = Record<string, string[]>;

/** The account's resources, of all kinds that a deployment creates and LocalStack can list. */
export async function takeInventory(endpoint: string): Promise<Inventory> {
  const settings = { endpoint, region, credentials };
  const lambda = new LambdaClient(settings);
  const iam = new IAMClient(settings);
  const buckets = new S3Client({ ...settings, forcePathStyle: true });
  const lists = {
    functions: (await lambda.send(new ListFunctionsCommand({}))).Functions?.map((one) => one.FunctionName),
    mappings: (await lambda.send(new ListEventSourceMappingsCommand({}))).EventSourceMappings?.map(
      (one) => one.UUID,
    ),
    queues: (await new SQSClient(settings).send(new ListQueuesCommand({}))).QueueUrls,
    buckets: (await buckets.send(new ListBucketsCommand({}))).Buckets?.map((one) => one.Name),
    apis: (await new APIGatewayClient(settings).send(new GetRestApisCommand({}))).items?.map((one) => one.id),
    rules: (await new EventBridgeClient(settings).send(new ListRulesCommand({}))).Rules?.map(
      (one) => one.Name,
    ),
    roles: (await iam.send(new ListRolesCommand({}))).Roles?.map((one) => one.RoleName),
    policies: (await iam.send(new ListPoliciesCommand({ Scope: 'Local' }))).Policies?.map(
      (one) => one.PolicyName,
    ),
    secrets: (await new SecretsManagerClient(settings).send(new ListSecretsCommand({}))).SecretList?.map(
      (one) => one.Name,
    ),
    logGroups: (await new CloudWatchLogsClient(settings).send(new DescribeLogGroupsCommand({}))).logGroups
      ?.map((one) => one.logGroupName)
      // Created by LocalStack for a function with another log group; AWS creates none.
      .filter((name) => !name?.startsWith('/aws/lambda/')),
  };
  return Object.fromEntries(
    Object.entries(lists).map(([kind, names]) => [kind, (names ?? []).map(String).sort()]),
  );
}
