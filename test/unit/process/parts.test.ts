import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { creationYear } from '../../../lambda/domain/image.ts';
import { jobBody } from '../../../lambda/domain/job.ts';
import { openDeadline } from '../../../lambda/process/deadline.ts';
import { refuseSharedEnvironment } from '../../../lambda/process/handler.ts';
import { readRecords } from '../../../lambda/process/records.ts';
import { recipeDigest, variantKey } from '../../../lambda/process/variant-key.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';

const imageId = '0190a0b0-0000-7000-8000-000000000001';

describe('the records of a batch', () => {
  const record = (body: string, attributes = {}) => ({ body, attributes }) as unknown as SQSRecord;

  it('an assignment has the longest wait of its messages, by the clock of the queue', () => {
    const body = jobBody({ tenant: 'alpha', imageId });
    const waits = (...all: object[]) =>
      readRecords(all.map((attributes) => record(body, attributes))).assignments[0]?.waitedSeconds;
    const sent = (SentTimestamp: string, ApproximateFirstReceiveTimestamp: string) => ({
      SentTimestamp,
      ApproximateFirstReceiveTimestamp,
    });
    expect(waits(sent('1000', '2500'), sent('1000', '41000'), sent('9000', '8000'))).toBe(40);
    expect(waits(sent('9000', '8000'))).toBe(0);
    expect(waits({})).toBeUndefined();
  });

  it('records are gathered by image, and another tenant with the same id is another image', () => {
    const bodies = ['a', 'b', 'a'].map((tenant) => jobBody({ tenant, imageId }));
    const { assignments, unparsable } = readRecords(bodies.map((body) => record(body)));
    expect(assignments.map(({ tenant, records }) => [tenant, records.length])).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    expect(unparsable).toEqual([]);
  });

  it('an assignment has every upload that one of its messages names', () => {
    const bodies = ['third', undefined, 'second'].map((version) =>
      jobBody({ tenant: 'a', imageId, version }),
    );
    const { assignments } = readRecords(bodies.map((body) => record(body)));
    expect(assignments.map(({ versions }) => versions)).toEqual([['third', 'second']]);
  });

  it.each([
    [[undefined, 0], 0],
    [[3, 7, undefined], 7],
    [[undefined, undefined], undefined],
  ])('an assignment has the latest failure of its messages: of %o it is %s', (attempts, youngest) => {
    const bodies = attempts.map((failedAttempt) => jobBody({ tenant: 'a', imageId, failedAttempt }));
    const { assignments } = readRecords(bodies.map((body) => record(body)));
    expect(assignments.map(({ failedAttempt }) => failedAttempt)).toEqual([youngest]);
  });

  it.each([
    '',
    'null',
    '[]',
    '{"v":2,"tenant":"a","imageId":"x"}',
    JSON.stringify({ v: 1, tenant: '../a', imageId }),
    JSON.stringify({ v: 1, tenant: 'a', imageId: 'no id' }),
  ])('a message is no job as %s', (body) => {
    expect(readRecords([record(body)]).unparsable).toHaveLength(1);
  });
});

describe('the deadline', () => {
  it('a job is started only with the time of a whole decode left, and time is reserved for the end', () => {
    let left = 60_000;
    const deadline = openDeadline(() => left, 20_000);
    expect(deadline.mayStart()).toBe(true);
    expect(deadline.forWork()).toBe(56_000);
    left = 24_000;
    expect(deadline.mayStart()).toBe(true);
    left = 23_999;
    expect(deadline.mayStart()).toBe(false);
    left = 1_000;
    expect(deadline.forWork()).toBe(0);
  });

  it('jobs are started in an invocation that is shorter than the longest decode', () => {
    let left = 8_000;
    const deadline = openDeadline(() => left, 20_000);
    expect(deadline.decodeMs).toBe(3_000);
    expect(deadline.mayStart()).toBe(true);
    left = 4_900;
    expect(deadline.mayStart()).toBe(false);
  });

  it('no job is started without any time left', () => {
    expect(openDeadline(() => 0, 20_000).mayStart()).toBe(false);
  });

  it('the signals of an invocation end with it and never abort work of the next', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const deadline = openDeadline(() => 60_000, 20_000);
    expect(vi.getTimerCount()).toBe(3);
    deadline.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the key of a variant', () => {
  const config = resolveConfig({
    presets: { small: { width: 320, watermarks: ['brand'] }, other: { width: 320 } },
    watermarks: { brand: { type: 'text', text: 'Sluice' } },
  });
  const { small } = config.presets;
  if (small === undefined) throw new Error('no preset');
  const digest = (text: string) =>
    recipeDigest(small, {
      brand: { ...config.watermarks.brand, text } as (typeof config.watermarks)[string],
    });

  it('the key of a variant names tenant, image, preset, recipe and bytes', () => {
    const variant = { preset: 'small', recipe: '0123abcd', sha256: 'ef'.repeat(32), format: 'jpeg' } as const;
    expect(variantKey({ tenant: 'a', imageId }, variant)).toBe(
      `derived/a/${imageId}/small.0123abcd.efefefefefef.jpg`,
    );
  });

  it('the key of a variant changes with the recipe, including the text of a watermark, but not with the order of fields', () => {
    expect(digest('Sluice')).toMatch(/^[0-9a-f]{8}$/);
    expect(digest('Sluice')).toBe(digest('Sluice'));
    expect(digest('Sluice')).not.toBe(digest('Other'));
    const marks = config.watermarks;
    const changes: Partial<typeof small>[] = [
      { width: 321 },
      { fit: 'cover' },
      { gravity: 'north' },
      { background: '#000000' },
      { enlarge: true },
      { formats: ['webp'] },
      { quality: { ...small.quality, jpeg: 81 } },
      { effort: { ...small.effort, webp: 2 } },
      { sharpen: 1 },
      { animation: 'first' },
      { metadata: ['copyright'] },
      { watermarks: [] },
    ];
    const digests = [{}, ...changes].map((change) => recipeDigest({ ...small, ...change }, marks));
    expect(new Set(digests).size).toBe(digests.length);
    const reversed = Object.fromEntries(Object.entries(small).reverse()) as typeof small;
    expect(recipeDigest(reversed, config.watermarks)).toBe(recipeDigest(small, config.watermarks));
  });
});

describe('the year in a watermark', () => {
  it('the year of an image is that of its id, in UTC', () => {
    // The first 48 bits of a UUID of version 7 are milliseconds: 2024-12-31T23:59:59.999Z, and one more.
    expect(creationYear('01941f29-7bff-7000-8000-000000000001')).toBe(2024);
    expect(creationYear('01941f29-7c00-7000-8000-000000000001')).toBe(2025);
  });
});

describe('an environment shared by several executions', () => {
  it('an environment shared by several executions is refused', () => {
    expect(() => refuseSharedEnvironment({ AWS_LAMBDA_MAX_CONCURRENCY: '10' })).toThrow(
      /AWS_LAMBDA_MAX_CONCURRENCY/,
    );
    expect(() => refuseSharedEnvironment({})).not.toThrow();
  });
});
