import { TransientFailure } from '../domain/failure.ts';
import type { ClaimedImage } from '../postgres/images/claim.ts';
import type { BatchContext } from './dependencies.ts';
import type { Outcome } from './recorder.ts';
import { presetGraceSeconds } from './time-budget.ts';

/**
 * A preset of the image is not configured here. A deploy in progress may have brought it to `api` first; after a few
 * minutes the image cannot be made.
 */
export class PresetGone extends Error {
  override readonly name = 'PresetGone';
  constructor(presets: readonly string[]) {
    super(`this deployment has no preset ${presets.join(', ')}`);
  }
}

/** The invocation ended while the image was decoded, or while it waited for the sandbox. */
export class DecodeCutOff extends TransientFailure {
  /** Since the decode was requested. */
  readonly milliseconds: number;
  constructor(milliseconds: number, options?: ErrorOptions) {
    super('decode_cut_off', `the decode was cut off after ${Math.round(milliseconds)} ms`, options);
    this.milliseconds = milliseconds;
  }
}

/**
 * Turns a failure for which the image may not be to blame into an outcome. Outages do not count against the image. A
 * decode that was cut off makes it a suspect, because it may hang sandboxes; this counts only if the image was claimed
 * alone and had the time of a whole decode. Unexpected errors count.
 */
export function judge(error: unknown, image: ClaimedImage, { deadline, log, errors }: BatchContext): Outcome {
  errors.push(error);
  const { imageId, tenant, attempt, alone } = image;
  const cutOff = error instanceof DecodeCutOff;
  const outage = error instanceof TransientFailure && error.outage;
  const counted = cutOff ? alone && error.milliseconds >= deadline.decodeMs : !outage;
  const gone = error instanceof PresetGone;
  const final = gone && image.failures > 0;
  const fields = { imageId, tenant, attempt, counted, suspect: cutOff, final, error };
  log[counted ? 'error' : 'warn'](final ? 'Given up' : 'Not processed, to be tried again', fields);
  return {
    ...{ imageId, attempt, outcome: 'released', counted, suspect: cutOff, final, error: errorText(error) },
    ...(gone ? { reason: 'preset_gone', back: { hidden: presetGraceSeconds } } : {}),
  };
}

/** For the row and the dead-letter queue. Postgres accepts no NUL in JSON. */
function errorText(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replaceAll('\u0000', '').toWellFormed().slice(0, 500);
}
