import type { ApiParts } from '../http/endpoint.ts';

/** Counts the older images that an upload has ended. */
export function countSuperseded(
  overtaken: number,
  { metrics, nudges }: Pick<ApiParts, 'metrics' | 'nudges'>,
): void {
  if (overtaken === 0) return;
  metrics.add('ImagesEnded', { Status: 'superseded' }, overtaken);
  nudges.send();
}
