/** Postgres could not be started. The message is for a person and says what to do. */
export class PostgresProblem extends Error {
  override readonly name = 'PostgresProblem';
}
