import { describe, expect, it } from 'vitest';
import { BudgetExceeded, connectionBudget } from '../../../lib/config/budget.ts';
import { ConfigMistakes, resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';

const plain: SluiceConfig = { presets: { small: { width: 320 } } };

/** The mistakes of what a person may write where nobody checked the types. */
function mistakes(written: unknown): string[] {
  try {
    resolveConfig(written as SluiceConfig);
    return [];
  } catch (error) {
    if (error instanceof ConfigMistakes) return error.mistakes;
    throw error;
  }
}

describe('a configuration', () => {
  it('needs no more than a preset', () => {
    const config = resolveConfig(plain);
    expect(config.presets.small).toMatchObject({ fit: 'inside', formats: ['webp', 'jpeg'] });
    expect(config.process).toMatchObject({ maxConcurrency: 8, batchSize: 10, timeoutSeconds: 60 });
  });

  it('that is resolved may be resolved again', () => {
    const once = resolveConfig(plain);
    expect(resolveConfig(once)).toEqual(once);
  });

  it.each([undefined, null, 'presets', []])('that is %j is one mistake and no crash', (written) => {
    expect(mistakes(written)).toHaveLength(1);
  });
});

describe('mistakes', () => {
  it.each([
    ['presets', { presets: {} }],
    ['presets.small', { presets: { small: {} } }],
    ['presets.small', { presets: { small: { width: 1, fit: 'cover' } } }],
    ['presets.small.formats', { presets: { small: { width: 1, formats: ['webp', 'webp'] } } }],
    ['presets.small.formats[0]', { presets: { small: { width: 1, formats: ['gif'] } } }],
    ['presets.small.quality.webp', { presets: { small: { width: 1, quality: { webp: 101 } } } }],
    ['presets.small', { presets: { small: { width: 1, qualty: {} } } }],
    [
      'watermarks.brand.color',
      { ...plain, watermarks: { brand: { type: 'text', text: 'x', color: 'red' } } },
    ],
    ['watermarks.brand.type', { ...plain, watermarks: { brand: { type: 'video' } } }],
    ['process.maxConcurrency', { ...plain, process: { maxConcurrency: 1 } }],
    ['process.maxReceiveCount', { ...plain, process: { maxReceiveCount: 3 } }],
    ['limits.maxBytes', { ...plain, limits: { maxBytes: '25 MB' } }],
    ['deploy.logDays', { ...plain, deploy: { logDays: 31 } }],
    [
      'database.connection.owner',
      {
        ...plain,
        database: { connection: { host: 'h', name: 'n', roles: { auth: 'iam', resourceId: 'db-1' } } },
      },
    ],
  ])('at %s are told with that path', (path, written) => {
    const told = mistakes(written);
    expect(told).toHaveLength(1);
    expect(told[0]?.startsWith(`${path}: `)).toBe(true);
  });

  it('are told all at once, also those of rules that bind sections together', () => {
    const told = mistakes({
      presets: { small: { width: 'wide', watermarks: ['brand'] } },
      process: { visibilityTimeoutSeconds: 100 },
      database: { maxConnections: 20 },
    });
    expect(told.map((mistake) => mistake.split(':')[0])).toEqual([
      'presets.small.width',
      'presets.small.watermarks[0]',
      'process.visibilityTimeoutSeconds',
      'database.maxConnections',
    ]);
  });

  it('of a section do not bring up those of rules that read it', () => {
    expect(mistakes({ ...plain, process: { timeoutSeconds: 'long', visibilityTimeoutSeconds: 1 } })).toEqual([
      expect.stringContaining('process.timeoutSeconds'),
    ]);
  });
});

describe('the visibility timeout', () => {
  it('may be just 6 × timeout + batch window', () => {
    const process = { timeoutSeconds: 20, batchWindowSeconds: 3, visibilityTimeoutSeconds: 123 };
    expect(mistakes({ ...plain, process })).toEqual([]);
  });

  it('may not be a second less, and the message has the arithmetic', () => {
    const process = { timeoutSeconds: 20, batchWindowSeconds: 3, visibilityTimeoutSeconds: 122 };
    expect(mistakes({ ...plain, process })).toEqual([
      expect.stringMatching(/^process\.visibilityTimeoutSeconds: .*6 × 20 \+ 3 = 123 > 122$/),
    ]);
  });
});

describe('the connection budget', () => {
  it('counts api twice and keeps three for superusers', () => {
    expect(connectionBudget(resolveConfig(plain))).toEqual({
      process: 8,
      api: 40,
      sweep: 2,
      migrate: 1,
      reserve: 10,
      superuser: 3,
      total: 64,
      available: 100,
    });
  });

  it('may be used up to the last connection', () => {
    expect(mistakes({ ...plain, process: { maxConcurrency: 44 } })).toEqual([]);
  });

  it('may not be exceeded by one, and the message says to what to go down', () => {
    expect(mistakes({ ...plain, process: { maxConcurrency: 45 } })).toEqual([
      expect.stringMatching(
        /= 101, but database\.maxConnections is 100\. Lower process\.maxConcurrency to 44/,
      ),
    ]);
  });

  it('is a typed error for whoever asks for it alone', () => {
    const config = resolveConfig(plain);
    const database = { ...config.database, maxConnections: 63 };
    expect(() => connectionBudget({ ...config, database })).toThrow(BudgetExceeded);
  });
});
