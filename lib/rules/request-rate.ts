import { RuleBroken } from './broken.ts';
import { secondsPerTicket } from './measured.ts';

/** The gateway admits more requests than the API has executions for. */
export class RateTooHigh extends RuleBroken {
  override readonly name = 'RateTooHigh';
}

interface Serving {
  maxConcurrency: number;
  memoryMb: number;
}

/** Tickets a second that the API's executions can serve. */
export function servedPerSecond({ maxConcurrency, memoryMb }: Serving): number {
  return Math.floor(maxConcurrency / secondsPerTicket(memoryMb));
}

/** @throws RateTooHigh */
export function requireServed(api: Serving, requestsPerSecond: number): void {
  const served = servedPerSecond(api);
  if (requestsPerSecond <= served) return;
  throw new RateTooHigh(
    'deploy.requestsPerSecond',
    `The gateway would admit more than the API can serve, and Lambda would throttle the rest: ${api.maxConcurrency} ` +
      `(api.maxConcurrency) / ${secondsPerTicket(api.memoryMb).toFixed(4)} s = ${served} a second < ${requestsPerSecond}. Lower ` +
      'it, or raise api.maxConcurrency or api.memoryMb.',
  );
}
