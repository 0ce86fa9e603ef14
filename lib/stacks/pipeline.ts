import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ImagePipeline, type ImagePipelineProps } from '../image-pipeline.ts';

/** Bucket, queues, functions and API, on the database that it is given. Outputs what one needs next. */
export class PipelineStack extends Stack {
  readonly pipeline: ImagePipeline;

  constructor(scope: Construct, id: string, props: ImagePipelineProps & StackProps) {
    super(scope, id, props);
    this.pipeline = new ImagePipeline(this, 'Images', props);
    const { api, bucket, jobs, failedUploadEvents, mapping, functions } = this.pipeline;
    const migrate = functions.migrate.function.functionName;
    const live = functions.migrate.alias.aliasName;
    // The CLI waits a minute for an answer unless told, and asks again then: for a second key, where it is for one.
    const wait = `--cli-read-timeout ${functions.migrate.function.timeout?.toSeconds() ?? 900}`;
    const invoke = `aws lambda invoke --region ${this.region} --function-name ${migrate} --qualifier ${live} ${wait}`;
    const payload = '--cli-binary-format raw-in-base64-out --payload';

    this.#output('Url', api.restApi.url, 'The page, and the root of the API');
    this.#output('RestApiId', api.restApi.restApiId, 'Id of the REST API');
    this.#output('BucketName', bucket.bucketName, 'Originals and variants');
    this.#output('JobsQueueUrl', jobs.queue.queueUrl, 'ImageJobs');
    this.#output('DeadLettersUrl', jobs.deadLetters.queueUrl, 'Jobs that nobody could do');
    this.#output(
      'FailedUploadEventsUrl',
      failedUploadEvents.queue.queueUrl,
      'Uploads that enqueue could not pass on',
    );
    this.#output(
      'MappingId',
      mapping.eventSourceMappingId,
      'UUID of what hands jobs to process: disabled, it pauses',
    );
    this.#output('MigrateFunction', migrate, 'Function that migrates and makes tenants');
    this.#output(
      'MakeTenant',
      `${invoke} ${payload} '{"tenant":"acme"}' /dev/stdout`,
      'Makes a tenant and prints its API key, once',
    );
    this.#output('Migrate', `${invoke} /dev/stdout`, 'Migrates by hand; the deploy does it too');
  }

  #output(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
