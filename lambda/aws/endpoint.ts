/**
 * True where the environment sends a service elsewhere than to AWS (the local runner, LocalStack). The SDK reads
 * these variables by itself; what it does not do by itself then is to use path-style buckets and to leave the
 * host of a queue URL alone.
 */
export function hasOwnEndpoint(service: 'S3' | 'SQS'): boolean {
  return Boolean(process.env[`AWS_ENDPOINT_URL_${service}`] ?? process.env.AWS_ENDPOINT_URL);
}
