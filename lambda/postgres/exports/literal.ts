/**
 * A string constant for a statement that takes no parameters, as COPY does not. With `standard_conforming_strings` (the
 * default since 9.1, and reported by every session) only the quote is special; a backslash gets the escape syntax, which is
 * the same with any setting.
 */
export function literal(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return value.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}
