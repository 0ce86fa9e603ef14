/** Fair queues call a tenant noisy from so many of its own messages in flight, and above a tenth of all (AWS's numbers). */
export const noisyInFlight = 30;

/**
 * Why fair queues may act late; undefined if a tenant can have as many messages in flight as they look for. Its share of
 * the processing time then remains, which must be measured first, and which exceeds 10 % for each of fewer than ten
 * equally busy tenants.
 */
export function fairnessWarning({
  maxConcurrency,
  batchSize,
}: {
  maxConcurrency: number;
  batchSize: number;
}): string | undefined {
  const inFlight = maxConcurrency * batchSize;
  if (inFlight >= noisyInFlight) return undefined;
  const enough = Math.ceil(noisyInFlight / maxConcurrency);
  const raise =
    enough <= 10
      ? `process.batchSize to ${enough}`
      : `process.maxConcurrency to ${Math.ceil(noisyInFlight / 10)}`;
  return (
    `No tenant can have the ${noisyInFlight} messages in flight by which SQS recognises a noisy one: ${maxConcurrency} ` +
    `(process.maxConcurrency) × ${batchSize} (process.batchSize) = ${inFlight} < ${noisyInFlight}. Only more than 10 % of ` +
    `the recent processing time shows it, so others wait behind the beginning of a flood. Raise ${raise} or more.`
  );
}
