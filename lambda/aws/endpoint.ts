/**
 * The environment's endpoint for a service (local runner, LocalStack), or undefined. The SDK reads these variables too,
 * but does not then use path-style buckets or leave the host of a queue URL alone.
 */
export function ownEndpoint(service: 'S3' | 'SQS'): string | undefined {
  return process.env[`AWS_ENDPOINT_URL_${service}`] || process.env.AWS_ENDPOINT_URL || undefined;
}
