import type { ImageStatus } from '../../domain/image.ts';

/** SQL that follows a column: true of these statuses. */
export function statusIn(statuses: readonly ImageStatus[]): string {
  return `in (${statuses.map((status) => `'${status}'`).join(', ')})`;
}
