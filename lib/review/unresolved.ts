/** A template has an expression, or nothing, where a rule needs a value. */
export class Unresolved extends Error {
  override readonly name = 'Unresolved';
}
