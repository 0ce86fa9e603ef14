import { RuleBroken } from './broken.ts';
import { coreMb, decoderStartSeconds, imageSeconds } from './measured.ts';

/** A function would be ended while it works or waits. */
export class TimeoutTooShort extends RuleBroken {
  override readonly name = 'TimeoutTooShort';
}

/** Longest integration of a REST API, in seconds. */
export const gatewaySeconds = 29;
/** Reserved at the end of an invocation of `process`, at most a quarter of it: lambda/process/time-budget.ts. */
export const finishSeconds = 4;
/** Longest waits of the API for Postgres: a connect, a statement, and its answer (lambda/postgres/connection). */
export const databaseWaits = { connect: 5, statement: 5, answer: 2 } as const;
export const longestWait: number = databaseWaits.connect + databaseWaits.statement + databaseWaits.answer;

export function apiTimeMistakes({ timeoutSeconds }: { timeoutSeconds: number }): TimeoutTooShort[] {
  const { connect, statement, answer } = databaseWaits;
  if (timeoutSeconds > gatewaySeconds)
    return [
      new TimeoutTooShort(
        'api.timeoutSeconds',
        `API Gateway ends a request after ${gatewaySeconds} s: ${timeoutSeconds} > ${gatewaySeconds}. The function would ` +
          'work on for a client that has its 504.',
      ),
    ];
  if (timeoutSeconds >= longestWait) return [];
  return [
    new TimeoutTooShort(
      'api.timeoutSeconds',
      'Lambda would end the function while it waits for Postgres, and the client would get a 502: connect ' +
        `${connect} + statement ${statement} + answer ${answer} = ${longestWait} s > ${timeoutSeconds}.`,
    ),
  ];
}

interface Batches {
  batchSize: number;
  timeoutSeconds: number;
  memoryMb: number;
  decoderPerTenant: boolean;
}

/** Seconds that a batch of photographs takes at least, as measured. */
export function batchSeconds({
  batchSize,
  memoryMb,
  decoderPerTenant,
}: Omit<Batches, 'timeoutSeconds'>): number {
  const onCore = imageSeconds + (decoderPerTenant ? decoderStartSeconds : 0);
  return (batchSize * onCore) / Math.min(1, memoryMb / coreMb);
}

export function batchTimeMistakes(process: Batches): TimeoutTooShort[] {
  const { batchSize, timeoutSeconds, memoryMb, decoderPerTenant } = process;
  const needs = batchSeconds(process);
  const has = timeoutSeconds - Math.min(finishSeconds, timeoutSeconds / 4);
  if (needs <= has) return [];
  const each = decoderPerTenant ? `(${imageSeconds} + ${decoderStartSeconds} s)` : `${imageSeconds} s`;
  return [
    new TimeoutTooShort(
      'process.timeoutSeconds',
      `A batch does not fit: ${batchSize} (process.batchSize) × ${each}${memoryMb < coreMb ? ` × ${coreMb} / ${memoryMb} MB` : ''} = ` +
        `${needs.toFixed(1)} s > ${has} s (${timeoutSeconds} s without the time to record results). The rest of each batch ` +
        'would be received again and again. Lower process.batchSize, or raise process.timeoutSeconds or process.memoryMb.',
    ),
  ];
}
