import { expect } from 'vitest';
import { problemBody } from '../../../lambda/api/schemas/responses.ts';
import type { ApiResponse } from './test-api.ts';

/** Types that are not our own. */
const registered: Record<string, string> = {
  backlog_share: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
  overloaded: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
  quota_exceeded: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
};

/** Expects a problem document with this status and code. @returns its mistakes */
export function expectProblem(
  response: ApiResponse,
  status: number,
  code: string,
): { path: string; detail: string }[] {
  expect({ status: response.status, code: response.json.code }).toEqual({ status, code });
  expect(response.headers['Content-Type']).toBe('application/problem+json');
  const problem = problemBody.parse(response.json);
  expect(problem.status).toBe(status);
  expect(problem.type).toBe(registered[code] ?? `urn:sluice:problem:${code}`);
  expect(problem.instance).toMatch(/^urn:sluice:request:[\w-]{36}$/);
  return problem.errors ?? [];
}

/** Expects a Retry-After of whole seconds in this range. */
export function expectRetryAfter(response: ApiResponse, least: number, most: number): void {
  const header = response.headers['Retry-After'] ?? '';
  expect(header).toMatch(/^\d+$/);
  expect(Number(header)).toBeGreaterThanOrEqual(least);
  expect(Number(header)).toBeLessThanOrEqual(most);
}
