import { database, environmentOf, jobs, readEnvironment } from '../../../lambda/runtime/environment.ts';

/** An additional function that the test adds to the catalogue. It returns its event. */
const environment = readEnvironment(environmentOf(database, jobs));

export const handler = async (event: unknown) => ({
  event,
  user: environment.DATABASE_USER,
  queue: environment.JOBS_QUEUE_URL,
});
