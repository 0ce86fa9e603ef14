/** Postgres could not be started. The message tells the user what to do. */
export class PostgresProblem extends Error {
  override readonly name = 'PostgresProblem';
}
