/**
 * Where the environment sends a service instead of to AWS (the local runner, LocalStack), or undefined. The SDK reads
 * these variables by itself; what it does not do by itself then is to use path-style buckets and to leave the
 * host of a queue URL alone.
 */
export function ownEndpoint(service: 'S3' | 'SQS'): string | undefined {
  return process.env[`AWS_ENDPOINT_URL_${service}`] ?? process.env.AWS_ENDPOINT_URL;
}

/** True where there is one. */
export function hasOwnEndpoint(service: 'S3' | 'SQS'): boolean {
  return Boolean(ownEndpoint(service));
}
