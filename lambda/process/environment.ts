import {
  bucket,
  database,
  deadLetters,
  environmentOf,
  jobs,
  metrics,
  nudges,
} from '../runtime/environment.ts';
import { blockedLoaders } from '../runtime/image-environment.ts';

/** The variables that this function reads; its entry in lib/catalogue must list the same parts. */
export const functionEnvironment = environmentOf(
  database,
  bucket,
  jobs,
  deadLetters,
  nudges,
  blockedLoaders,
  metrics,
);
