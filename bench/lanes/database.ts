import type { Database } from '../../lambda/postgres/connection/connection.ts';
import type { Claim, ClaimedImage } from '../../lambda/postgres/images/claim.ts';
import type { Commit } from '../../lambda/postgres/images/commit.ts';

/** An image that was claimed for the first time. */
export function claimedImage(imageId: string, presets: string[], begun: boolean): ClaimedImage {
  return {
    ...{ imageId, tenant: 'bench', attempt: 1, failures: 0, presets, declaredSha256: null },
    ...{ originalVersion: null, newerTickets: [], overtaken: 0, completing: null, begun, alone: false },
  };
}

/**
 * A database that answers the worker's two statements at once, and as if each image were the worker's: the benchmark
 * measures the work between them. @param onEnd called with each outcome
 */
export function openInstantDatabase(
  presets: string[],
  onEnd: (outcome: string) => void,
): Pick<Database, 'run' | 'close'> {
  const connection = {
    async query<Row>(_: string, values: readonly unknown[] = []) {
      return { rows: rowsOf(values) as Row[], rowCount: 0 };
    },
  };
  function rowsOf([first, second, , , , , , beginning]: readonly unknown[]): (Claim | Commit)[] {
    if (Array.isArray(first))
      return first.map((imageId: string, place) => ({
        outcome: 'claimed',
        ...claimedImage(imageId, presets, place < Number(beginning)),
      }));
    const results = JSON.parse(String(first)) as { imageId: string; outcome: string }[];
    const begins = JSON.parse(String(second)) as { imageId: string }[];
    for (const { outcome } of results) onEnd(outcome);
    return [
      ...results.map(({ imageId }): Commit => ({ imageId, state: 'written', failures: 0 })),
      ...begins.map(({ imageId }): Commit => ({ imageId, state: 'begun', failures: 0 })),
    ];
  }
  return { run: (work) => work(connection), close: async () => undefined };
}
