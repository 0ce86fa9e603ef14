/*
 * LocalStack silently skips resources of an unsupported type: the deployment succeeds, and only the log shows it.
 */

/**
 * Types that are known to be unsupported, each with the consequence. The tests of the template cover them.
 */
export const expectedUnsupported: Readonly<Record<string, string>> = {
  'AWS::Events::Archive': 'events cannot be replayed; the bus itself works',
};

/** The types without a provider according to a log, each once. */
export function unsupportedTypes(log: string): string[] {
  const found = log.matchAll(/No resource provider found for "([^"]+)"/g);
  return [...new Set([...found].map(([, type = '']) => type))].sort();
}

export function surprises(log: string): string[] {
  return unsupportedTypes(log).filter((type) => !(type in expectedUnsupported));
}
