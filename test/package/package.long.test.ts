import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, filesOf, lockedDown, openShop, projectRoot, run, write } from './shop.ts';

/*
 * Another team's CDK app (app/) that imports the packed tarball: it installs, type-checks and synthesises with nothing of
 * this checkout except the CDK.
 */
const home = mkdtempSync(join(tmpdir(), 'sluice-package-'));
const shop = join(home, 'shop');
const installed = join(shop, 'node_modules/sluice');
const cache = join(home, 'cache');

beforeAll(async () => {
  const packed = await run(projectRoot, 'node', ['scripts/pack.ts', home]);
  expect(packed.code, packed.stderr).toBe(0);
  const install = await openShop(shop, packed.stdout.trim());
  expect(install.code, install.stderr).toBe(0);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('an app that imports the package', () => {
  const out = join(home, 'cdk.out');
  let fetched: Ended;
  let synth: Ended;
  beforeAll(async () => {
    // Before Node is restricted, because fetching starts npm.
    const fetch = `import { App, Stack } from 'aws-cdk-lib';
      import { ImagePipeline } from 'sluice';
      new ImagePipeline(new Stack(new App()), 'Photos', { config: { presets: { a: { width: 9 } } } });`;
    fetched = await run(shop, 'node', ['--input-type=module', '--eval', fetch], {
      XDG_CACHE_HOME: cache,
      CDK_OUTDIR: join(home, 'fetched'),
    });
    // If another package of the app needs another zod, npm nests ours.
    mkdirSync(join(installed, 'node_modules'));
    renameSync(join(shop, 'node_modules/zod'), join(installed, 'node_modules/zod'));
    mkdirSync(out);
    // The CDK creates temporary folders for its custom resources.
    synth = await run(shop, 'node', [...lockedDown(out), 'bin/app.ts'], {
      XDG_CACHE_HOME: cache,
      CDK_OUTDIR: out,
      TMPDIR: out,
    });
  });

  const template = () =>
    JSON.parse(readFileSync(join(out, 'PhotoShop.template.json'), 'utf8')) as {
      Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
    };
  const resources = (type: string, part = '') =>
    Object.entries(template().Resources)
      .filter(([id, { Type }]) => Type === type && id.includes(part))
      .map(([, { Properties }]) => Properties);
  /** Assets with this file. */
  const assets = (file: string) =>
    readdirSync(out)
      .filter((name) => name.startsWith('asset.'))
      .map((name) => join(out, name))
      .filter((asset) => statSync(join(asset, file), { throwIfNoEntry: false })?.isFile());

  it('npm fetches the native packages that the package pins', () => {
    expect(fetched.code, fetched.stderr).toBe(0);
  });

  it('the app synthesises with plain Node, reads nothing of the checkout, writes only its output and starts no process', () => {
    expect(synth.code, synth.stderr).toBe(0);
    // Nor does the CDK warn, for example about two pipelines with one name.
    expect(synth.stderr).toBe('');
  });

  it.each(['Photos', 'Avatars'])('%s has bucket, queue, mapping, functions and API', (name) => {
    expect(resources('AWS::S3::Bucket', `${name}ImagesBucket`)).toHaveLength(1);
    expect(resources('AWS::SQS::Queue', `${name}Jobs`)).toHaveLength(2);
    const mappings = resources('AWS::Lambda::EventSourceMapping', name);
    // Of the jobs, and of five queues between functions.
    expect(mappings).toHaveLength(6);
    expect(
      mappings.filter((one) => JSON.stringify(one.ScalingConfig).includes('"MaximumConcurrency":8')),
    ).toHaveLength(1);
    for (const mapping of mappings)
      expect(mapping).toMatchObject({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
    expect(resources('AWS::ApiGateway::RestApi', name)).toHaveLength(1);
    const functions = resources('AWS::Lambda::Function', `${name}Functions`);
    expect(functions).toHaveLength(13);
    for (const one of functions)
      expect(one).toMatchObject({ Architectures: ['arm64'], Handler: 'index.handler' });
  });

  it('a pipeline creates a database only if none is given', () => {
    expect(resources('AWS::RDS::DBInstance', 'Avatars')).toHaveLength(1);
    expect(resources('AWS::RDS::DBInstance', 'Photos')).toHaveLength(0);
    const [api] = resources('AWS::Lambda::Function', 'PhotosFunctionsapi');
    expect(api).toMatchObject({
      Environment: { Variables: { DATABASE_HOST: 'postgres.internal' } },
      VpcConfig: { SecurityGroupIds: ['sg-0123456789abcdef0'] },
    });
  });

  it('two pipelines in one stack have separate settings and watermarks', () => {
    const presets = assets('sandbox.mjs').map((asset) => {
      const { presets } = JSON.parse(readFileSync(join(asset, 'settings.json'), 'utf8')) as {
        presets: object;
      };
      return {
        presets: Object.keys(presets),
        marks: filesOf(join(asset, 'assets')).filter((f) => /^logo-/.test(f)),
      };
    });
    expect(presets.sort((a, b) => a.marks.length - b.marks.length)).toEqual([
      { presets: ['large', 'small'], marks: [] },
      { presets: ['square'], marks: [expect.stringMatching(/^logo-[0-9a-f]{8}\.png$/)] },
    ]);
    // Nor does one build into the folder of the other, which an app without asset staging would deploy.
    expect(readdirSync(join(out, 'sluice'))).toHaveLength(2);
  });

  it('the asset of process has native packages for arm64 only', () => {
    const processes = assets('sandbox.mjs');
    expect(processes).toHaveLength(2);
    for (const asset of processes) {
      const images = join(asset, 'node_modules/@img');
      expect(readdirSync(images).sort()).toEqual([
        'colour',
        'sharp-libvips-linux-arm64',
        'sharp-linux-arm64',
      ]);
      const lib = join(images, 'sharp-linux-arm64/lib');
      const [library = ''] = readdirSync(lib);
      // EI_MACHINE of the ELF header: 183 is AArch64.
      expect(readFileSync(join(lib, library)).readUInt16LE(18)).toBe(183);
      const calls = filesOf(join(asset, 'node_modules/@koromix')).filter((file) => file.endsWith('.node'));
      expect(calls).toEqual(['koffi-linux-arm64/linux_arm64/koffi.node']);
    }
  });

  it.each([
    ['process', 'sandbox.mjs'],
    ['api', 'console/index.html'],
    ['migrate', 'migrations/000001_images.sql'],
  ])('the app deploys %s exactly as packed', (name, telling) => {
    const packedFiles = filesOf(join(installed, 'functions', name));
    const deployed = assets(telling);
    expect(deployed).toHaveLength(2);
    const bytes = (folder: string) => packedFiles.map((file) => readFileSync(join(folder, file), 'latin1'));
    for (const asset of deployed) expect(bytes(asset)).toEqual(bytes(join(installed, 'functions', name)));
  });
});

/** The imports of the guide's examples in an app. */
const before = `
import { type App, type Stack, Validations } from 'aws-cdk-lib';
import {
  BastionHostLinux,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  type Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Function as Code } from 'aws-cdk-lib/aws-lambda';
import type { DatabaseInstance } from 'aws-cdk-lib/aws-rds';
import { EventType } from 'aws-cdk-lib/aws-s3';
import { LambdaDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { QueueToDatabaseReview, type SluiceConfig } from 'sluice';
declare const app: App, worker: Code;
declare const stack: Stack, config: SluiceConfig, server: DatabaseInstance, vpc: Vpc, index: Code;
`;

describe('the types of the package', () => {
  beforeAll(() => {
    // Without the types, nothing would be an error.
    const mistaken = `
      // @ts-expect-error: misspelt
      export const config: SluiceConfig = { presets: { small: { widht: 320 } } };
      // @ts-expect-error: no such property
      export const nothing = (pipeline: ImagePipeline) => pipeline.nothing;`;
    const names = `{ ImagePipeline, type SluiceConfig }`;
    write(join(shop, 'bin/module.mts'), `import ${names} from 'sluice';${mistaken}`);
    // The examples of its README.
    const readme = readFileSync(join(installed, 'README.md'), 'utf8');
    const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)];
    expect(examples).toHaveLength(3);
    for (const [place, [, code = '']] of examples.entries())
      write(join(shop, `bin/readme-${place}.ts`), code);
    // The examples of the guide, with existing resources.
    const guide = readFileSync(join(projectRoot, 'docs/construct.md'), 'utf8');
    const shown = [...guide.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
    expect(shown.length).toBeGreaterThan(5);
    write(join(shop, 'bin/guide.ts'), `${before}${shown.join('\n')}`);
    // As in apps of `cdk init`: ES module syntax, compiled to CommonJS.
    write(join(shop, 'bin/common.cts'), `import ${names} from 'sluice';${mistaken}`);
  });

  it.each([
    ['nodenext', 'nodenext'],
    ['node16', 'node16'],
    ['esnext', 'bundler'],
    ['commonjs', 'bundler'],
  ])(
    'the types hold in modules of both kinds with module %s, resolved by %s, libraries checked',
    async (module, how) => {
      const flags = ['--module', module, '--moduleResolution', how, '--skipLibCheck', 'false'];
      const { code, stdout } = await run(shop, 'tsc', ['--project', '.', ...flags]);
      expect(code, stdout).toBe(0);
    },
  );
});

describe('modules that import the package', () => {
  it('import and require return the same class under the same names', async () => {
    const script = `import { createRequire } from 'node:module';
      import * as imported from 'sluice';
      const required = createRequire(import.meta.url)('sluice');
      const names = Object.keys(required);
      const other = names.filter((name) => imported[name] !== required[name]);
      console.log(JSON.stringify({ names, other }));`;
    const { stdout, stderr } = await run(shop, 'node', ['--input-type=module', '--eval', script]);
    const { names, other } = JSON.parse(stdout || stderr) as { names: string[]; other: string[] };
    const classes = ['ImagePipeline', 'ConfigMistakes', 'SluiceRules', 'QueueToDatabaseReview'];
    expect(names).toEqual(expect.arrayContaining(classes));
    expect(other).toEqual([]);
  });
});

describe('an app with mistakes', () => {
  const unwritable = join(shop, 'package.json/cache');
  /** The error of each configuration, from a CommonJS app. */
  const attempt = `
    const { App, Stack } = require('aws-cdk-lib');
    const { ImagePipeline } = require('sluice');
    const errors = [
      { presets: { large: { width: 0 } }, process: { maxConcurrency: 60 } },
      { presets: { a: { width: 9 } }, watermarks: { logo: { type: 'image', path: 'nowhere.png' } } },
      { presets: { a: { width: 9 } }, deploy: { architecture: 'host' } },
    ].map((config) => {
      try {
        new ImagePipeline(new Stack(new App(), 'Shop'), 'Photos', { config });
      } catch (error) {
        return String(error);
      }
    });
    console.log(JSON.stringify(errors));`;

  it('an app with mistakes receives all of them, with their pipeline and remedy', async () => {
    const { code, stdout, stderr } = await run(shop, 'node', ['--input-type=commonjs', '--eval', attempt], {
      XDG_CACHE_HOME: unwritable,
      CDK_OUTDIR: join(home, 'mistaken'),
    });
    expect(code, stderr).toBe(0);
    const errors = JSON.parse(stdout) as unknown;
    expect(errors).toEqual([
      expect.stringMatching(
        /^ConfigMistakes: The configuration of Shop\/Photos has 2 mistakes:\n {2}- presets\.large\.width: .*\n {2}- database\.maxConnections: The connection budget does not hold: /,
      ),
      'ConfigMistakes: The configuration of Shop/Photos has one mistake:\n' +
        `  - watermarks.logo.path: the file does not exist: nowhere.png (looked for in ${shop})`,
      expect.stringMatching(
        /^BuildFailed: Packages cannot be cached in .*\(ENOTDIR.*\): set XDG_CACHE_HOME to a writable folder/,
      ),
    ]);
  });
});
