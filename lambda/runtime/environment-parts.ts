import type * as z from 'zod/mini';
import { bucket, database, deadLetters, jobs } from './environment.ts';
import { blockedLoaders, readyEvents } from './image-environment.ts';
import { roles } from './role-environment.ts';

/** All parts. A function imports its own, so that it is not bundled with those of others. */
export const environmentParts = { database, bucket, jobs, deadLetters, readyEvents, blockedLoaders, roles };

export type EnvironmentPart = keyof typeof environmentParts;
/** The variables of a part as text, as they are put into a function's environment. */
export type VariablesOf<Part extends EnvironmentPart> = z.input<(typeof environmentParts)[Part]['schema']>;
