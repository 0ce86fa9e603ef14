import { describe, expect, it } from 'vitest';
import { CeilingTooLow, requireCeiling } from '../../../lib/rules/ceiling.ts';
import { RetentionTooShort, requireRetention } from '../../../lib/rules/retention.ts';
import { VisibilityTooShort, visibilityTimeout } from '../../../lib/rules/visibility.ts';

describe('reserved concurrency', () => {
  it('may be just what the mappings may start together', () => {
    expect(() => requireCeiling(8, [5, 3])).not.toThrow();
  });

  it('may not be less, and the message has the sum', () => {
    expect(() => requireCeiling(8, [5, 4])).toThrow(CeilingTooLow);
    expect(() => requireCeiling(8, [5, 4])).toThrow('5 + 4 = 9 > 8');
  });
});

describe('the retention of a DLQ', () => {
  it('must be longer than that of its queue', () => {
    expect(() => requireRetention(4, 14)).not.toThrow();
    expect(() => requireRetention(14, 14)).toThrow(RetentionTooShort);
    expect(() => requireRetention(14, 14)).toThrow('14 − 14 = 0 days would be left');
  });
});

describe('the visibility timeout', () => {
  it('is 6 × timeout + batch window where none is asked for', () => {
    expect(visibilityTimeout({ timeoutSeconds: 60, batchWindowSeconds: 5 })).toBe(365);
  });

  it('may be longer and not shorter', () => {
    const facts = { timeoutSeconds: 60, batchWindowSeconds: 0 };
    expect(visibilityTimeout({ ...facts, visibilityTimeoutSeconds: 400 })).toBe(400);
    expect(() => visibilityTimeout({ ...facts, visibilityTimeoutSeconds: 359 })).toThrow(VisibilityTooShort);
  });
});
