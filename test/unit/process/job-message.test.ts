import { v7 as uuidv7 } from 'uuid';
import { expect, it } from 'vitest';
import { parseJob } from '../../../lambda/domain/job.ts';

const imageId = uuidv7();
const parsed = (more: object) => parseJob(JSON.stringify({ v: 1, tenant: 'acme', imageId, ...more }));

it.each(['a', 'x'.repeat(1_024)])('a job keeps a version of 1 to 1,024 characters', (version) => {
  expect(parsed({ version })).toMatchObject({ imageId, version });
});

it.each(['', 'x'.repeat(1_025), 'nul\0', 7, null])(
  'a job drops a value that is no version: %j',
  (version) => {
    expect(parsed({ version })).toEqual({ v: 1, tenant: 'acme', imageId });
  },
);

it.each([0, 1, 2 ** 31 - 1])('a job keeps the attempt at which the image failed: %i', (failedAttempt) => {
  expect(parsed({ failedAttempt })).toMatchObject({ failedAttempt });
});

it.each([-1, 1.5, 2 ** 31, '1', null])('a job drops a value that is no attempt: %j', (failedAttempt) => {
  expect(parsed({ failedAttempt })).toEqual({ v: 1, tenant: 'acme', imageId });
});

it('a job says whether it completes an image, and drops any other value', () => {
  expect(parsed({ complete: true })).toMatchObject({ complete: true });
  for (const complete of [false, 1, 'true', null])
    expect(parsed({ complete })).toEqual({ v: 1, tenant: 'acme', imageId });
});
