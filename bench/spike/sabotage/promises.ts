import { judge } from '../promises.ts';
import type { DesignRun, PromiseRow } from '../result.ts';

/** A promise of the spike that a sabotage breaks. */
export type Broken =
  | 'executions at each sample'
  | 'connections refused with 53300'
  | 'lost / doubled effects / dead-lettered untried'
  | 'obedient clients let in at their first return'
  | 'other tenants’ p95 beside the loud one'
  | 'herd: returns a second after a recovery'
  | typeof burned;

/** Only judged here: in the whole run, poison and duplicates burn some too. */
const burned = 'receives burned in an outage';

/** The row of one promise in a run; it is red if it is not kept. */
export function rowOf(promise: Broken, sluice: DesignRun): PromiseRow {
  const row = [...judge({ quick: false, sluice }), receives(sluice)].find((one) => one.promise === promise);
  if (row === undefined) throw new Error(`the spike does not promise: ${promise}`);
  return row;
}

/** A worker holds one batch through the outage, and may get another one or two at its end. */
function receives({ outcome: { receivesBurned }, config: { cap, batchSize } }: DesignRun): PromiseRow {
  const most = 2 * cap * batchSize;
  return {
    ...{ promise: burned, must: `≤ ${most}`, seen: String(receivesBurned), judged: true },
    kept: receivesBurned <= most,
  };
}
