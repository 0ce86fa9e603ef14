import { describe, expect, it } from 'vitest';
import { jobBody, parseJob } from '../../../lambda/domain/job.ts';

const job = { v: 1, tenant: 'acme', imageId: '018f7a3e-5b2c-7c41-9d0e-3f2a1b4c5d6e' } as const;
const read = (more: object) => parseJob(JSON.stringify({ ...job, ...more }));

describe('a job', () => {
  it('a job contains what it was made with, and omits undefined fields', () => {
    expect(jobBody(job)).toBe(JSON.stringify(job));
    for (const more of [{ version: 'v' }, { failedAttempt: 7 }, { version: 'v', failedAttempt: 0 }])
      expect(parseJob(jobBody({ ...job, ...more }))).toEqual({ ...job, ...more });
  });

  it.each(['', 'x'.repeat(1_025), 'a\u0000b', 7, null])('the version %o is ignored', (version) => {
    expect(read({ version })).toEqual(job);
  });

  it('a version may be as long as S3 makes them', () => {
    const version = 'x'.repeat(1_024);
    expect(read({ version })).toEqual({ ...job, version });
  });

  it.each([-1, 1.5, 2 ** 31, '7', null])(
    'the attempt %o is ignored, because no column could hold it',
    (attempt) => {
      expect(read({ failedAttempt: attempt })).toEqual(job);
    },
  );

  it.each([0, 2 ** 31 - 1])('the attempt %i is read', (failedAttempt) => {
    expect(read({ failedAttempt })).toEqual({ ...job, failedAttempt });
  });
});
