import type * as z from 'zod';

/** A mistake in a request: its place, with dots, and what is wrong there. */
export interface Mistake {
  path: string;
  detail: string;
}

/** The mistakes that a schema found, with their paths below `below`. */
export function mistakesIn({ issues }: z.ZodError, below: readonly string[] = []): Mistake[] {
  return issues.flatMap((issue) => mistakesOf(issue, below));
}

/** Zod reports all unknown names of an object as one issue; here each is a mistake. */
function mistakesOf(issue: z.core.$ZodIssue, below: readonly string[]): Mistake[] {
  const path = [...below, ...issue.path.map(String)];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({ path: [...path, name].join('.'), detail: 'is not a known name' }));
  return [{ path: path.join('.'), detail: issue.message }];
}
