/** A statement of a policy in a template. */
export interface Statement {
  Sid?: string;
  Effect: string;
  Action?: unknown;
  Resource?: unknown;
  NotAction?: unknown;
}

/** Every allowing statement, at any depth; some policies are JSON in a string. */
export function statements(value: unknown): Statement[] {
  if (typeof value === 'string') return /^\s*\{.*"Statement"/s.test(value) ? statements(parsed(value)) : [];
  if (typeof value !== 'object' || value === null) return [];
  const own = Reflect.get(value, 'Effect') === 'Allow' ? [value as Statement] : [];
  return [...own, ...Object.values(value).flatMap(statements)];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
