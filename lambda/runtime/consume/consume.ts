import type { ImageEvent } from '../../domain/event.ts';
import { EventRefused, readImageEvent } from '../../domain/read-event.ts';
import type { Log } from '../logger.ts';
import { type BatchRecord, batchRecords, type RecordName } from './records.ts';

/** An event and its serialised form. */
export interface Received {
  event: ImageEvent;
  text: string;
}

/** A record that no retry helps. */
export interface Refused {
  record: BatchRecord;
  reason: EventRefused;
}

export interface Consumer {
  /**
   * Applies events, each exactly once however often it comes. All or none.
   * @throws EventRefused if one of them can never be applied: they are then given one by one.
   */
  apply(received: readonly Received[]): Promise<void>;
  /** Sends records to the queue of refused events. Reports which were accepted; never throws. */
  park(refused: readonly Refused[]): Promise<boolean[]>;
  log: Log;
}

/** ReportBatchItemFailures, in the form of the source. */
export interface BatchResponse {
  batchItemFailures: { itemIdentifier: RecordName }[];
}

/**
 * Applies the events of a batch. A record that can never be applied goes to the queue of refused events, alone; it counts as
 * failed only if that queue does not take it.
 * @throws what `apply` throws: the whole batch comes again, and what was applied is applied no second time.
 */
export async function consumeBatch(batch: unknown, { apply, park, log }: Consumer): Promise<BatchResponse> {
  const readable: (Received & { record: BatchRecord })[] = [];
  const refused: Refused[] = [];
  for (const record of batchRecords(batch)) {
    try {
      readable.push({ record, text: record.text, event: readImageEvent(record.text) });
    } catch (reason) {
      if (!(reason instanceof EventRefused)) throw reason;
      refused.push({ record, reason });
    }
  }
  for (const { given, reason } of await applied(readable, apply))
    refused.push({ record: given.record, reason });
  if (refused.length === 0) return { batchItemFailures: [] };
  const accepted = await park(refused);
  for (const [place, { record, reason }] of refused.entries())
    log.error(accepted[place] ? 'An event was refused' : 'A refused event was not parked', {
      record: record.name,
      code: reason.code,
      error: reason,
    });
  return {
    batchItemFailures: refused.flatMap(({ record }, place) =>
      accepted[place] ? [] : [{ itemIdentifier: record.name }],
    ),
  };
}

/** Applies all at once, or one by one if one of them is refused. @returns the refused ones. */
async function applied<Given extends Received>(
  all: readonly Given[],
  apply: Consumer['apply'],
): Promise<{ given: Given; reason: EventRefused }[]> {
  if (all.length === 0) return [];
  try {
    await apply(all);
    return [];
  } catch (error) {
    if (!(error instanceof EventRefused)) throw error;
    const [only, second] = all;
    if (only !== undefined && second === undefined) return [{ given: only, reason: error }];
  }
  const refused: { given: Given; reason: EventRefused }[] = [];
  for (const one of all) refused.push(...(await applied([one], apply)));
  return refused;
}
