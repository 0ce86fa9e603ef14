import { describe, expect, it } from 'vitest';
import { BudgetExceeded, connectionBudget } from '../../../lib/config/budget.ts';
import { connectionFrom } from '../../../lib/config/connection.ts';
import { ConfigMistakes, resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { configMistakes } from '../../support/config-mistakes.ts';

const plain: SluiceConfig = { presets: { small: { width: 320 } } };

/** The mistakes in a configuration whose types were not checked. */
function mistakes(written: unknown): string[] {
  return configMistakes(() => resolveConfig(written as SluiceConfig));
}

/** A configuration of an existing database whose owner logs in with `login`. */
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
  it('a configuration needs no more than one preset', () => {
    const config = resolveConfig(plain);
    expect(config.presets.small).toMatchObject({
      fit: 'inside',
      formats: ['modern', 'jpeg'],
      quality: { score: 70, auto: true },
    });
    expect(config.process).toMatchObject({ maxConcurrency: 8, batchSize: 4, timeoutSeconds: 60 });
  });

  it('WebP has the effort of its profile unless the preset sets one', () => {
    const { presets } = resolveConfig({
      presets: {
        balanced: { width: 1 },
        fast: { width: 1, profile: 'fast' },
        own: { width: 1, profile: 'fast', effort: { webp: 6 } },
      },
    });
    expect(Object.values(presets).map(({ effort }) => effort.webp)).toEqual([4, 2, 6]);
  });

  it('AVIF inputs are off by default, and TIFF inputs are on', () => {
    expect(resolveConfig(plain).inputs).toEqual({ tiff: true, avif: false });
    expect(resolveConfig({ ...plain, inputs: { tiff: false, avif: true } }).inputs).toEqual({
      tiff: false,
      avif: true,
    });
  });

  it('a resolved configuration can be resolved again', () => {
    const once = resolveConfig(plain);
    expect(resolveConfig(once)).toEqual(once);
  });

  it.each([undefined, null, 'presets', []])('the configuration %j is one mistake and no crash', (written) => {
    expect(mistakes(written)).toHaveLength(1);
  });
});

describe('mistakes in a configuration', () => {
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
    // The owner connects without the proxy.
    ['database.connection.owner.resourceId', owned({ resourceId: 'prx-1' })],
    ['database.instance', { ...plain, database: { instance: 't4g.micro' } }],
    ['database.zones', { ...plain, database: { zones: ['eu-central-1a', 'eu-central-1a'] } }],
    ['database.zones[0]', { ...plain, database: { zones: ['euc1-az1', 'eu-central-1b'] } }],
    ['database.capacity.min', { ...plain, database: { capacity: { min: 0 } } }],
    [
      'database.capacity',
      { ...plain, database: { engine: 'aurora-serverless', capacity: { max: 1 }, maxConnections: 200 } },
    ],
  ])('a mistake at %s is reported with that path', (path, written) => {
    const found = mistakes(written);
    expect(found).toHaveLength(1);
    expect(found[0]?.startsWith(`${path}: `)).toBe(true);
  });

  it('all mistakes are reported together, including those of rules across sections', () => {
    const found = mistakes({
      presets: { small: { width: 'wide', watermarks: ['brand'] } },
      process: { visibilityTimeoutSeconds: 100 },
      database: { maxConnections: 20 },
    });
    expect(found.map((mistake) => mistake.split(':')[0])).toEqual([
      'presets.small.width',
      'presets.small.watermarks[0]',
      'process.visibilityTimeoutSeconds',
      'database.maxConnections',
    ]);
  });

  it('a mistake in a section causes no further ones from rules that read the section', () => {
    expect(mistakes({ ...plain, process: { timeoutSeconds: 'long', visibilityTimeoutSeconds: 1 } })).toEqual([
      expect.stringContaining('process.timeoutSeconds'),
    ]);
  });
});

describe('the visibility timeout', () => {
  it('a visibility timeout of 6 × timeout + batch window is accepted', () => {
    const process = { timeoutSeconds: 20, batchWindowSeconds: 3, visibilityTimeoutSeconds: 123 };
    expect(mistakes({ ...plain, process })).toEqual([]);
  });

  it('a visibility timeout one second shorter is refused with the arithmetic', () => {
    const process = { timeoutSeconds: 20, batchWindowSeconds: 3, visibilityTimeoutSeconds: 122 };
    expect(mistakes({ ...plain, process })).toEqual([
      expect.stringMatching(/^process\.visibilityTimeoutSeconds: .*6 × 20 \+ 3 = 123 > 122$/),
    ]);
  });
});

describe('the connection budget', () => {
  it('the connection budget counts api twice and reserves three for superusers', () => {
    expect(connectionBudget(resolveConfig(plain))).toEqual({
      process: 8,
      api: 40,
      sweep: 2,
      export: 2,
      exportjob: 1,
      relay: 2,
      dispatch: 2,
      analytics: 2,
      audit: 2,
      migrate: 1,
      operate: 1,
      reserve: 10,
      superuser: 3,
      total: 76,
      available: 100,
    });
  });

  it('the connection budget may be used up to the last connection', () => {
    expect(mistakes({ ...plain, process: { maxConcurrency: 32 } })).toEqual([]);
  });

  it('one connection above the budget is refused, and the message suggests a value', () => {
    expect(mistakes({ ...plain, process: { maxConcurrency: 33 } })).toEqual([
      expect.stringMatching(
        /= 101, but database\.maxConnections is 100\. Lower process\.maxConcurrency to 32/,
      ),
    ]);
  });

  it('the budget by itself throws a typed error when it is exceeded', () => {
    const config = resolveConfig(plain);
    const database = { ...config.database, maxConnections: 75 };
    expect(() => connectionBudget({ ...config, database })).toThrow(BudgetExceeded);
  });
});

describe('SLUICE_DATABASE', () => {
  const connection = {
    host: 'db.example',
    name: 'images',
    owner: { user: 'o', secretArn: 'arn:aws:x' },
    roles: { auth: 'password', secretArn: 'arn:aws:y' },
  };

  it('SLUICE_DATABASE names an existing database, and changes nothing if it is not set', () => {
    const config = connectionFrom(JSON.stringify(connection), { ...plain, database: { reserve: 5 } });
    expect(resolveConfig(config).database).toMatchObject({ reserve: 5, connection: { port: 5432 } });
    expect(connectionFrom(undefined, plain)).toBe(plain);
    expect(connectionFrom('', plain)).toBe(plain);
  });

  it.each(['no json', '[]', 'null', '"text"'])('SLUICE_DATABASE with the value %s is one mistake', (text) => {
    expect(() => connectionFrom(text, plain)).toThrow(ConfigMistakes);
  });

  it('SLUICE_DATABASE is checked like the configuration file', () => {
    expect(mistakes(connectionFrom('{"host":"db.example"}', plain))).toContainEqual(
      expect.stringMatching(/^database\.connection\.name: /),
    );
  });
});

describe('the longest wait', () => {
  const withAge = (maxBacklogAge: unknown) =>
    resolveConfig({ presets: { small: { width: 320 } }, admission: { maxBacklogAge } } as SluiceConfig)
      .admission.maxBacklogAge;

  it.each([
    ['15 minutes', 900],
    ['1 minute', 60],
    ['0.25 hours', 900],
    ['90 seconds', 90],
    [600, 600],
  ])('%j are %i seconds', (written, seconds) => {
    expect(withAge(written)).toBe(seconds);
  });

  it.each([
    0,
    -1,
    '0 minutes',
    '-5 minutes',
    '15',
    'soon',
    '15 parsecs',
    '',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    {},
  ])('%j is no duration', (written) => {
    expect(() => withAge(written)).toThrow(
      'admission.maxBacklogAge: must be a duration such as "15 minutes"',
    );
  });

  it.each([
    ['100 days', 'Uploads would be sent to the queue twice'],
    ['100 days', 'SQS would delete the last images before their turn: 8640000 s > 345600 s'],
    ['1 second', 'Workers cannot meet it'],
  ])('%s is refused: %s', (written, message) => {
    expect(() => withAge(written)).toThrow(message);
  });

  it('a number of images, as before, is refused with what to set instead', () => {
    const before = { presets: { small: { width: 320 } }, admission: { maxBacklog: 50_000 } };
    expect(() => resolveConfig(before as unknown as SluiceConfig)).toThrow(
      'admission.maxBacklog: is now a time: set maxBacklogAge to the longest wait, such as "15 minutes"',
    );
  });
});
