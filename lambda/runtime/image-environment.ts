import * as z from 'zod/mini';
import { readBlockedLoaders } from '../domain/inputs.ts';
import { part } from './environment.ts';

/** A misspelt name would leave a decoder enabled that an operator believes is disabled. */
const knownLoaders: z.core.CheckFn<string> = (context) => {
  try {
    readBlockedLoaders(context.value);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    context.issues.push({ code: 'custom', message, input: context.value });
  }
};

/** Emergency switch: types not to decode, as `avif,tiff`. The sandbox reads it too. */
export const blockedLoaders = part(
  'blockedLoaders',
  z.object({ SLUICE_BLOCKED_LOADERS: z.optional(z.string().check(knownLoaders)) }),
);
