/** Postgres could not be started; the message has the remedy. */
export class PostgresProblem extends Error {
  override readonly name = 'PostgresProblem';
}
