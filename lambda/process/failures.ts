import { TransientFailure } from '../domain/failure.ts';
import type { Held } from './claim-batch.ts';
import type { Surroundings } from './dependencies.ts';
import type { Outcome } from './outcome.ts';
import { presetGraceSeconds } from './time-budget.ts';

/**
 * A preset that the image asks for is not configured here. A deploy may be under way that brings it to `api` before it
 * brings it to `process`; after a few minutes nobody can make the image.
 */
export class PresetGone extends Error {
  override readonly name = 'PresetGone';
  constructor(presets: readonly string[]) {
    super(`this deployment has no preset ${presets.join(', ')}`);
  }
}

/** The invocation ended while the image was decoded, or while it waited for the sandbox. */
export class DecodeCutOff extends TransientFailure {
  /** Since the decode was asked for. */
  readonly milliseconds: number;
  constructor(milliseconds: number, options?: ErrorOptions) {
    super('decode_cut_off', `the decode was cut off after ${Math.round(milliseconds)} ms`, options);
    this.milliseconds = milliseconds;
  }
}

/**
 * Says what a failure means that is not the image's fault for certain. Outages do not count against the image. A decode
 * that was cut off makes it a suspect, because it may be one that hangs sandboxes; claimed alone and given the time of a
 * whole decode it shows, and that counts. What nobody thought of counts.
 */
export function judge(error: unknown, { image, alone }: Held, { deadline, log }: Surroundings): Outcome {
  const { imageId, tenant, attempt } = image;
  const cutOff = error instanceof DecodeCutOff;
  const counted = cutOff ? alone && error.milliseconds >= deadline.decodeMs : !isOutage(error);
  const gone = error instanceof PresetGone;
  const final = gone && image.failures > 0;
  const note = { imageId, tenant, attempt, counted, suspect: cutOff, final, error };
  log[counted ? 'error' : 'warn'](final ? 'Given up' : 'Not processed, to be tried again', note);
  const released = { outcome: 'released', counted, suspect: cutOff, final, error: inWords(error) } as const;
  return {
    result: { imageId, attempt, ...released },
    verdict: gone ? { hidden: presetGraceSeconds } : 'again',
    ...(gone ? { reason: 'preset_gone' } : {}),
  };
}

function isOutage(error: unknown): boolean {
  return error instanceof TransientFailure && error.outage;
}

/** For the row and the dead-letter queue. Postgres keeps no NUL in JSON. */
function inWords(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replaceAll('\u0000', '').toWellFormed().slice(0, 500);
}
