import { database, environmentOf, jobs, readEnvironment } from '../../../lambda/runtime/environment.ts';

/** A function that is not ours: the test adds it to the catalogue. It returns what it was given. */
const environment = readEnvironment(environmentOf(database, jobs));

export const handler = async (event: unknown) => ({
  event,
  user: environment.DATABASE_USER,
  queue: environment.JOBS_QUEUE_URL,
});
