/** The driver's own, which @types/pg does not describe. */
declare module 'pg/lib/utils.js' {
  /** A value as a parameter in text format. */
  export function prepareValue(value: unknown): string | Buffer | null;
}
