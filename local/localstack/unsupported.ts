/*
 * LocalStack creates a resource whose type it does not know without a word to the deployer: the deployment succeeds
 * and nothing exists. Its log alone says so.
 */

/**
 * Types of which this is known, each with what is missing there. They are the template's all the same, and asserted by
 * the tests of the template.
 */
export const expectedUnsupported: Readonly<Record<string, string>> = {};

/** The types for which a log says that there is no provider, each once. */
export function unsupportedTypes(log: string): string[] {
  const said = log.matchAll(/No resource provider found for "([^"]+)"/g);
  return [...new Set([...said].map(([, type = '']) => type))].sort();
}

/** Those of them that nobody expects. */
export function surprises(log: string): string[] {
  return unsupportedTypes(log).filter((type) => !(type in expectedUnsupported));
}
