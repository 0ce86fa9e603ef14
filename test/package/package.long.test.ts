import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, lockedDown, openShop, projectRoot, run, write } from './shop.ts';

/*
 * Another team's CDK app (app/) that imports the packed tarball: whether it installs, type-checks and synthesises with
 * nothing of this checkout but the CDK itself.
 */
const home = mkdtempSync(join(tmpdir(), 'sluice-package-'));
const shop = join(home, 'shop');
const installed = join(shop, 'node_modules/sluice');
const cache = join(home, 'cache');
let packed: Ended;
let install: Ended;

beforeAll(async () => {
  packed = await run(projectRoot, 'node', ['bin/pack.ts', home]);
  expect(packed.code, packed.stderr).toBe(0);
  install = await openShop(shop, packed.stdout.trim());
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Files below a folder, by their paths. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;

describe('the tarball', () => {
  it('installs', () => {
    expect(install.code, install.stderr).toBe(0);
  });

  it('has compiled code with its types, the functions, the pins of native packages, texts, and nothing else', () => {
    const expected = [
      /^(LICENSE|README\.md|THIRD-PARTY-LICENCES\.txt|package\.json)$/,
      /^docs\/(configuration|operations)\.md$/,
      /^lambda\/(domain\/[\w-]+|imaging\/inspect\/(avif-brand|file-type|iso-boxes)|runtime\/environment)\.(js|d\.ts)$/,
      /^lambda\/postgres\/rds-global-bundle\.pem$/,
      /^lib\/image-pipeline\.(js|d\.ts)$/,
      /^lib\/\w+\/[\w-]+\.(js|d\.ts)$/,
      /^functions\/(api|enqueue|migrate|process|sweep)\/[\w-]+\.mjs(\.LEGAL\.txt)?$/,
      /^functions\/api\/console\/(app\.js|icon\.svg|index\.html|style\.css)$/,
      /^functions\/migrate\/migrations\/\d{6}_\w+\.sql$/,
      /^functions\/process\/assets\/(Inter-SemiBold\.ttf|OFL\.txt|fonts\.conf)$/,
      /^native\/(koffi|sharp)\.json$/,
    ];
    const files = filesOf(installed);
    expect(files.filter((file) => !expected.some((pattern) => pattern.test(file)))).toEqual([]);
    expect(expected.filter((pattern) => !files.some((file) => pattern.test(file)))).toEqual([]);
  });

  it('is small: below 1.5 MB', () => {
    expect(statSync(packed.stdout.trim()).size).toBeLessThan(1_500_000);
  });

  it('declares types for tools that read no .ts from declarations', () => {
    const telling = filesOf(installed).filter(
      (file) =>
        file.endsWith('.d.ts') &&
        /(from|import\() ?'\.[^']*\.ts'/.test(readFileSync(join(installed, file), 'utf8')),
    );
    expect(telling).toEqual([]);
  });

  it('names no folder of the machine that packed it', () => {
    const telling = filesOf(installed).filter((file) => {
      const contents = readFileSync(join(installed, file), 'latin1');
      return contents.includes(projectRoot) || contents.includes(home);
    });
    expect(telling).toEqual([]);
  });

  it('needs zod and the app’s own CDK, from the versions that are tested upwards', () => {
    const { dependencies = {} } = manifestOf(projectRoot);
    const tested = (name: string) => ({ [name]: `^${dependencies[name]}` });
    expect(manifestOf(installed)).toMatchObject({
      dependencies: tested('zod'),
      peerDependencies: { ...tested('aws-cdk-lib'), ...tested('constructs') },
    });
  });

  it.each([
    ['sharp', '@img/sharp-linux-arm64', '@img/sharp-libvips-linux-arm64'],
    ['koffi', '@koromix/koffi-linux-arm64'],
  ])('pins %s and what it needs on Lambda by their hashes, and no registry', (name, ...native) => {
    const pin = JSON.parse(readFileSync(join(installed, `native/${name}.json`), 'utf8')) as {
      lock: { packages: Record<string, { integrity?: string; resolved?: string }> };
    };
    const { '': root, ...packages } = pin.lock.packages;
    expect(Object.keys(packages)).toEqual(
      expect.arrayContaining([name, ...native].map((part) => `node_modules/${part}`)),
    );
    for (const entry of Object.values(packages)) {
      expect(entry.integrity).toMatch(/^sha512-/);
      expect(entry.resolved).toBeUndefined();
    }
  });

  it('carries the licences of what is bundled into the functions', () => {
    const licences = readFileSync(join(installed, 'THIRD-PARTY-LICENCES.txt'), 'utf8');
    expect(licences).toMatch(/^pg 8\.[\d.]+$/m);
    expect(licences).toMatch(/^@aws-sdk\/client-s3 3\.[\d.]+$/m);
    expect(licences).not.toContain('not stated');
  });
});

describe('an app that imports it', () => {
  const out = join(home, 'cdk.out');
  let types: Ended;
  let fetched: Ended;
  let synth: Ended;
  beforeAll(async () => {
    // Were the types lost on the way, nothing would be a mistake any more.
    write(
      join(shop, 'bin/mistaken.ts'),
      `import { ImagePipeline, type SluiceConfig } from 'sluice';
       // @ts-expect-error: misspelt
       export const config: SluiceConfig = { presets: { small: { widht: 320 } } };
       // @ts-expect-error: no such property
       export const nothing = (pipeline: ImagePipeline) => pipeline.nothing;`,
    );
    // Fetching starts npm, so it comes before Node is locked down.
    const fetch = `import { stagePackage } from 'file://${installed}/lib/functions/staging.js';
      for (const name of ['sharp', 'koffi']) stagePackage(name, {
        projectRoot: '${installed}', configRoot: '.', target: { os: 'linux', cpu: 'arm64' }, onProgress() {},
      });`;
    const environment = { XDG_CACHE_HOME: cache, CDK_OUTDIR: out };
    [types, fetched] = await Promise.all([
      run(shop, 'tsc', ['--project', '.']),
      run(shop, 'node', ['--eval', fetch], environment),
    ]);
    // Where another package of the app wants another zod, npm puts ours below ours.
    mkdirSync(join(installed, 'node_modules'));
    renameSync(join(shop, 'node_modules/zod'), join(installed, 'node_modules/zod'));
    mkdirSync(out);
    // The CDK makes folders for its custom resources among the temporary ones.
    synth = await run(shop, 'node', [...lockedDown(out), 'bin/app.ts'], { ...environment, TMPDIR: out });
  });

  const template = () =>
    JSON.parse(readFileSync(join(out, 'PhotoShop.template.json'), 'utf8')) as {
      Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
    };
  const resources = (type: string, part = '') =>
    Object.entries(template().Resources)
      .filter(([id, { Type }]) => Type === type && id.includes(part))
      .map(([, { Properties }]) => Properties);
  /** Folders of the assets that have this file. */
  const assets = (file: string) =>
    readdirSync(out)
      .filter((name) => name.startsWith('asset.'))
      .map((name) => join(out, name))
      .filter((asset) => statSync(join(asset, file), { throwIfNoEntry: false })?.isFile());

  it('type-checks, the declarations of the package included', () => {
    expect(types.code, types.stdout).toBe(0);
  });

  it('fetches the native packages with npm, from what the package pins', () => {
    expect(fetched.code, fetched.stderr).toBe(0);
  });

  it('synthesises with plain Node, reads nothing of the checkout, writes its output only and starts nothing', () => {
    expect(synth.code, synth.stderr).toBe(0);
    // Nor does the CDK warn: of two pipelines with one name for two things, say.
    expect(synth.stderr).toBe('');
  });

  it.each(['Photos', 'Avatars'])('has bucket, queue, mapping, functions and API of %s', (name) => {
    expect(resources('AWS::S3::Bucket', `${name}ImagesBucket`)).toHaveLength(1);
    expect(resources('AWS::SQS::Queue', `${name}Jobs`)).toHaveLength(2);
    expect(resources('AWS::Lambda::EventSourceMapping', name)).toMatchObject([
      { ScalingConfig: { MaximumConcurrency: 8 }, FunctionResponseTypes: ['ReportBatchItemFailures'] },
    ]);
    expect(resources('AWS::ApiGateway::RestApi', name)).toHaveLength(1);
    const functions = resources('AWS::Lambda::Function', `${name}Functions`);
    expect(functions).toHaveLength(5);
    for (const one of functions)
      expect(one).toMatchObject({ Architectures: ['arm64'], Handler: 'index.handler' });
  });

  it('has a database of its own only where none was given', () => {
    expect(resources('AWS::RDS::DBInstance', 'Avatars')).toHaveLength(1);
    expect(resources('AWS::RDS::DBInstance', 'Photos')).toHaveLength(0);
    const [api] = resources('AWS::Lambda::Function', 'PhotosFunctionsapi');
    expect(api).toMatchObject({
      Environment: { Variables: { DATABASE_HOST: 'postgres.internal' } },
      VpcConfig: { SecurityGroupIds: ['sg-0123456789abcdef0'] },
    });
  });

  it('gives each of two pipelines in one stack its own settings and watermarks', () => {
    const presets = assets('decoder.mjs').map((asset) => {
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
    // Nor does one build into the folder of the other, which an app that stages no assets would deploy.
    expect(readdirSync(join(out, 'sluice'))).toHaveLength(2);
  });

  it('has its native packages for arm64 in the asset of process, and for no other machine', () => {
    const processes = assets('decoder.mjs');
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
    ['process', 'decoder.mjs'],
    ['api', 'console/index.html'],
    ['migrate', 'migrations/000001_images.sql'],
  ])('deploys %s as it was packed', (name, telling) => {
    const packedFiles = filesOf(join(installed, 'functions', name));
    const deployed = assets(telling);
    expect(deployed).toHaveLength(2);
    const bytes = (folder: string) => packedFiles.map((file) => readFileSync(join(folder, file), 'latin1'));
    for (const asset of deployed) expect(bytes(asset)).toEqual(bytes(join(installed, 'functions', name)));
  });
});

describe('an app with mistakes', () => {
  const unwritable = join(shop, 'package.json/cache');
  /** What each of the configurations is told, by a CommonJS app. */
  const attempt = `
    const { App, Stack } = require('aws-cdk-lib');
    const { ImagePipeline } = require('sluice');
    const told = [
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
    console.log(JSON.stringify(told));`;

  it('is told all of them, of which pipeline they are, and what to do', async () => {
    const { code, stdout, stderr } = await run(shop, 'node', ['--input-type=commonjs', '--eval', attempt], {
      XDG_CACHE_HOME: unwritable,
      CDK_OUTDIR: join(home, 'mistaken'),
    });
    expect(code, stderr).toBe(0);
    const told = JSON.parse(stdout) as unknown;
    expect(told).toEqual([
      expect.stringMatching(
        /^ConfigMistakes: The configuration of Shop\/Photos has 2 mistakes:\n {2}- presets\.large\.width: .*\n {2}- database\.maxConnections: The connection budget does not hold: /,
      ),
      'ConfigMistakes: The configuration of Shop/Photos has one mistake:\n' +
        `  - watermarks.logo.path: there is no such file: nowhere.png (looked for in ${shop})`,
      expect.stringMatching(
        /^BuildFailed: Packages cannot be kept in .*\(ENOTDIR.*\): set XDG_CACHE_HOME to a folder/,
      ),
    ]);
  });
});
