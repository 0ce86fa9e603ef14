import { describe, expect, it } from 'vitest';
import { BudgetExceeded, connectionBudget, poolConnections, roleShares } from '../../../lib/config/budget.ts';
import { connectionFrom } from '../../../lib/config/connection.ts';
import { ConfigMistakes, resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { configMistakes } from '../../support/config-mistakes.ts';

const plain: SluiceConfig = { presets: { small: { width: 320 } } };

/** The mistakes of what a person may write where nobody checked the types. */
function mistakes(written: unknown): string[] {
  return configMistakes(() => resolveConfig(written as SluiceConfig));
}

/** A configuration whose existing database has an owner that logs in so. */
const owned = (login: object) => ({
  ...plain,
  database: {
    connection: {
      host: 'h',
      name: 'n',
      owner: { user: 'o', ...login },
      roles: { auth: 'iam', resourceId: 'db-1' },
    },
  },
});

describe('a configuration', () => {
  it('needs no more than a preset', () => {
    const config = resolveConfig(plain);
    expect(config.presets.small).toMatchObject({ fit: 'inside', formats: ['webp', 'jpeg'] });
    expect(config.process).toMatchObject({ maxConcurrency: 8, batchSize: 10, timeoutSeconds: 60 });
  });

  it('gives WebP the effort of its profile, and its own where it has one', () => {
    const { presets } = resolveConfig({
      presets: {
        balanced: { width: 1 },
        fast: { width: 1, profile: 'fast' },
        own: { width: 1, profile: 'fast', effort: { webp: 6 } },
      },
    });
    expect(Object.values(presets).map(({ effort }) => effort.webp)).toEqual([4, 2, 6]);
  });

  it('takes no AVIF unless told to, and TIFF unless told not to', () => {
    expect(resolveConfig(plain).inputs).toEqual({ tiff: true, avif: false });
    expect(resolveConfig({ ...plain, inputs: { tiff: false, avif: true } }).inputs).toEqual({
      tiff: false,
      avif: true,
    });
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
    ['presets.small', { presets: { small: { width: 1, fit: 'contain' } } }],
    ['presets.small.gravity', { presets: { small: { width: 1, gravity: 'attention' } } }],
    [
      'presets.small.gravity',
      { presets: { small: { width: 1, height: 1, fit: 'cover', gravity: 'middle' } } },
    ],
    ['presets.small.background', { presets: { small: { width: 1, background: 'white' } } }],
    ['presets.small.effort.webp', { presets: { small: { width: 1, effort: { webp: 7 } } } }],
    ['presets.small.quality', { presets: { small: { width: 1, quality: { png: 9 } } } }],
    ['presets.small.sharpen', { presets: { small: { width: 1, sharpen: 0.1 } } }],
    ['presets.small.metadata[0]', { presets: { small: { width: 1, metadata: ['gps'] } } }],
    ['inputs', { ...plain, inputs: { jpeg: false } }],
    ['placeholder', { ...plain, placeholder: 'sqip' }],
    ['watermarks.brand.text', { ...plain, watermarks: { brand: { type: 'text', text: ' \n ' } } }],
    ['watermarks.brand.text', { ...plain, watermarks: { brand: { type: 'text', text: '© {owner}' } } }],
    [
      'watermarks.brand.rotation',
      { ...plain, watermarks: { brand: { type: 'text', text: 'x', rotation: 270 } } },
    ],
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
    [
      'database.connection.owner.host',
      {
        ...plain,
        database: {
          connection: {
            host: 'h',
            name: 'n',
            owner: { user: 'o', secretArn: 'arn:aws:secretsmanager:s' },
            roles: { auth: 'iam', resourceId: 'prx-1' },
          },
        },
      },
    ],
    ['database.connection.owner', owned({})],
    ['database.connection.owner', owned({ resourceId: 'db-1', secretArn: 'arn:aws:secretsmanager:s' })],
    // The owner passes a proxy by.
    ['database.connection.owner.resourceId', owned({ resourceId: 'prx-1' })],
    ['database.instance', { ...plain, database: { instance: 't4g.micro' } }],
    ['database.zones', { ...plain, database: { zones: ['eu-central-1a', 'eu-central-1a'] } }],
    ['database.zones[0]', { ...plain, database: { zones: ['euc1-az1', 'eu-central-1b'] } }],
    ['database.capacity.min', { ...plain, database: { capacity: { min: 0 } } }],
    [
      'database.capacity',
      { ...plain, database: { engine: 'aurora-serverless', capacity: { max: 1 }, maxConnections: 200 } },
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
      operate: 1,
      reserve: 10,
      superuser: 3,
      total: 65,
      available: 100,
    });
  });

  it('may be used up to the last connection', () => {
    expect(mistakes({ ...plain, process: { maxConcurrency: 43 } })).toEqual([]);
  });

  it('may not be exceeded by one, and the message says to what to go down', () => {
    expect(mistakes({ ...plain, process: { maxConcurrency: 44 } })).toEqual([
      expect.stringMatching(
        /= 101, but database\.maxConnections is 100\. Lower process\.maxConcurrency to 43/,
      ),
    ]);
  });

  it('is a typed error for whoever asks for it alone', () => {
    const config = resolveConfig(plain);
    const database = { ...config.database, maxConnections: 64 };
    expect(() => connectionBudget({ ...config, database })).toThrow(BudgetExceeded);
  });
});

describe('a proxy before the database', () => {
  it('gets whole percents of what neither migrate nor the reserve nor superusers hold', () => {
    const config = resolveConfig({ ...plain, database: { maxConnections: 150 } });
    // (150 − 1 − 10 − 3) / 150 = 90.7 %. The one connection of operate is the pool's.
    expect(poolConnections(config)).toEqual({ percent: 90, connections: 135 });
    const pooled = { connections: 135, persistent: false };
    expect(roleShares(config, true)).toEqual({
      sluice_api: { connections: 135, persistent: true },
      sluice_process: pooled,
      sluice_sweep: pooled,
      sluice_operate: pooled,
    });
  });

  it('does not make a budget hold that does not', () => {
    const config = resolveConfig(plain);
    const database = { ...config.database, maxConnections: 64 };
    expect(() => roleShares({ ...config, database }, true)).toThrow(BudgetExceeded);
  });
});

describe('SLUICE_DATABASE', () => {
  const connection = {
    host: 'db.example',
    name: 'images',
    owner: { user: 'o', secretArn: 'arn:aws:x' },
    roles: { auth: 'password', secretArn: 'arn:aws:y' },
  };

  it('names an existing database, and nothing where it is not set', () => {
    const config = connectionFrom(JSON.stringify(connection), { ...plain, database: { reserve: 5 } });
    expect(resolveConfig(config).database).toMatchObject({ reserve: 5, connection: { port: 5432 } });
    expect(connectionFrom(undefined, plain)).toBe(plain);
    expect(connectionFrom('', plain)).toBe(plain);
  });

  it.each(['no json', '[]', 'null', '"text"'])('that is %s is one mistake', (text) => {
    expect(() => connectionFrom(text, plain)).toThrow(ConfigMistakes);
  });

  it('is checked like the file', () => {
    expect(mistakes(connectionFrom('{"host":"db.example"}', plain))).toContainEqual(
      expect.stringMatching(/^database\.connection\.name: /),
    );
  });
});
