import type { ApiParts } from '../http/endpoint.ts';

/** Counts the older images that an upload has ended. */
export function countSuperseded(overtaken: number, { metrics }: Pick<ApiParts, 'metrics'>): void {
  if (overtaken > 0) metrics.add('ImagesEnded', { Status: 'superseded' }, overtaken);
}
