import { bucket, database, environmentOf, jobs, metrics } from '../runtime/environment.ts';

/** The variables that this function reads; its entry in lib/catalogue must list the same parts. */
export const functionEnvironment = environmentOf(database, bucket, jobs, metrics);
