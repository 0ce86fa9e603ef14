import { expect } from 'vitest';
import { problemBody } from '../../../lambda/api/schemas/responses.ts';
import type { Answer } from './test-api.ts';

/** Checks that an answer is a problem document of this status and code, and gives its mistakes. */
export function expectProblem(
  answer: Answer,
  status: number,
  code: string,
): { path: string; detail: string }[] {
  expect({ status: answer.status, code: answer.json.code }).toEqual({ status, code });
  expect(answer.headers['Content-Type']).toBe('application/problem+json');
  const problem = problemBody.parse(answer.json);
  expect(problem.status).toBe(status);
  expect(problem.type).toBe(`urn:sluice:problem:${code}`);
  expect(problem.instance).toMatch(/^urn:sluice:request:[\w-]{36}$/);
  return problem.errors ?? [];
}

/** Checks that Retry-After is whole seconds in this range. */
export function expectRetryAfter(answer: Answer, least: number, most: number): void {
  const header = answer.headers['Retry-After'] ?? '';
  expect(header).toMatch(/^\d+$/);
  expect(Number(header)).toBeGreaterThanOrEqual(least);
  expect(Number(header)).toBeLessThanOrEqual(most);
}
