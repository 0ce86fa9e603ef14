import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BuiltFunction, buildFunctions } from '../../lib/bundling/build.ts';
import { BuildFailed } from '../../lib/bundling/build-failed.ts';
import { runtimePackages } from '../../lib/bundling/packages.ts';
import { rdsRootsFile } from '../../lib/bundling/rds-roots.ts';
import type { Target } from '../../lib/bundling/target.ts';
import { catalogue, type FunctionName } from '../../lib/catalogue/catalogue.ts';
import { namesWhere } from '../../lib/catalogue/select.ts';
import { ConfigMistakes, resolveConfig } from '../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { plain, projectRoot, temporaryFolder } from './synthesis.ts';

const lambda: Target = { os: 'linux', cpu: 'arm64' };
const machine = { os: process.platform, cpu: process.arch } as Target;
const marked: SluiceConfig = {
  presets: { small: { width: 320, watermarks: ['logo'] } },
  watermarks: { logo: { type: 'image', path: 'pictures/logo.png' } },
};
const build = (config: SluiceConfig, target: Target, configRoot = projectRoot) =>
  buildFunctions({
    config: resolveConfig(config),
    projectRoot,
    configRoot,
    outDir: temporaryFolder(),
    target,
  });

/** Every file below a folder, by its path, with a hash of its bytes. */
function contents(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    files
      .filter((file) => statSync(join(root, file)).isFile())
      .map((file) => [
        file,
        createHash('sha256')
          .update(readFileSync(join(root, file)))
          .digest('hex'),
      ]),
  );
}

describe('the build for Lambda', () => {
  let built: Record<FunctionName, BuiltFunction>;
  beforeAll(() => {
    built = build(plain, lambda);
  });

  it.each(Object.keys(catalogue) as FunctionName[])('the build for Lambda bundles %s', (name) => {
    const files = Object.keys(contents(built[name].folder));
    expect(files).toEqual(expect.arrayContaining(['index.mjs', 'settings.json']));
    expect(readFileSync(join(built[name].folder, 'index.mjs'), 'utf8')).toMatch(
      /export\s*\{[^}]*\bhandler\b/,
    );
  });

  it('the build for Lambda adds the sandbox and sharp for linux-arm64 only to process', () => {
    const images = readdirSync(join(built.process.folder, 'node_modules/@img'));
    expect(images.sort()).toEqual(['colour', 'sharp-libvips-linux-arm64', 'sharp-linux-arm64']);
    expect(existsSync(join(built.process.folder, 'sandbox.mjs'))).toBe(true);
  });

  it('only process contains sharp', () => {
    for (const name of namesWhere(({ nativePackages }) => nativePackages.length === 0))
      expect(existsSync(join(built[name].folder, 'node_modules'))).toBe(false);
  });

  it('the build keeps loaded files and licences, without sources, headers and types', () => {
    const files = Object.keys(contents(join(built.process.folder, 'node_modules')));
    expect(files).toContain('sharp/dist/index.mjs');
    expect(files).toContain('sharp/LICENSE');
    expect(files).toContain('@img/sharp-libvips-linux-arm64/README.md');
    expect(files.filter((file) => /\.(cc|h|d\.[cm]?ts|map|gyp)$/.test(file))).toEqual([]);
  });

  it('process contains the font of text watermarks', () => {
    expect(readdirSync(join(built.process.folder, 'assets'))).toEqual(
      expect.arrayContaining(['Inter-SemiBold.ttf', 'fonts.conf']),
    );
  });

  it('migrate contains every migration', () => {
    const written = readdirSync(join(projectRoot, 'migrations')).filter((file) => file.endsWith('.sql'));
    expect(readdirSync(join(built.migrate.folder, 'migrations')).sort()).toEqual(
      written.filter((file) => /^\d/.test(file)).sort(),
    );
  });

  it('api contains the page with bundled scripts', () => {
    const files = Object.keys(contents(join(built.api.folder, 'console')));
    expect(files).toEqual(expect.arrayContaining(['index.html', 'style.css', 'app.js']));
    expect(files.filter((file) => file.endsWith('.ts'))).toEqual([]);
  });

  it('the build makes the same bytes from the same input', () => {
    const again = build(plain, lambda);
    for (const name of Object.keys(built) as FunctionName[])
      expect(contents(again[name].folder)).toEqual(contents(built[name].folder));
  });

  it('a changed configuration changes the settings, and so the function', () => {
    const changed = build({ presets: { small: { width: 321 } } }, lambda);
    const before = contents(built.process.folder);
    const after = contents(changed.process.folder);
    expect(after['settings.json']).not.toBe(before['settings.json']);
    expect(after['index.mjs']).toBe(before['index.mjs']);
  });
});

describe('the build for this machine', () => {
  it('the build for this machine takes sharp from the project’s node_modules, offline', () => {
    const said: string[] = [];
    const { process: built } = buildFunctions({
      config: resolveConfig(plain),
      projectRoot,
      outDir: temporaryFolder(),
      target: machine,
      onProgress: (line) => said.push(line),
    });
    expect(readdirSync(join(built.folder, 'node_modules/@img'))).toContain(
      `sharp-${machine.os}-${machine.cpu}`,
    );
    expect(said).toEqual([]);
  });

  it('the build removes the files of an earlier one', () => {
    const outDir = temporaryFolder();
    mkdirSync(join(outDir, 'process'));
    writeFileSync(join(outDir, 'process', 'old.txt'), '');
    const { process: built } = buildFunctions({
      config: resolveConfig(plain),
      projectRoot,
      outDir,
      target: machine,
    });
    expect(existsSync(join(built.folder, 'old.txt'))).toBe(false);
  });
});

describe('image watermarks', () => {
  const logo = Buffer.from('\x89PNG\r\n\x1a\nand what follows', 'latin1');

  it('image watermarks are copied under names with their hash, which the settings contain', () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'pictures'));
    writeFileSync(join(root, 'pictures/logo.png'), logo);
    const hash = createHash('sha256').update(logo).digest('hex').slice(0, 8);
    const { process: built } = build(marked, machine, root);
    const path = `assets/logo-${hash}.png`;
    expect(readFileSync(join(built.folder, path)).equals(logo)).toBe(true);
    expect(JSON.parse(readFileSync(join(built.folder, 'settings.json'), 'utf8'))).toMatchObject({
      watermarks: { logo: { type: 'image', path } },
    });
  });

  it('an image watermark of an undrawable type is a configuration mistake', () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'pictures'));
    writeFileSync(join(root, 'pictures/logo.png'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    expect(() => build(marked, machine, root)).toThrow(/watermarks\.logo\.path: the file is SVG, not one of/);
  });

  it('a missing file or a folder as an image watermark is a configuration mistake with its path', () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'pictures/logo.png'), { recursive: true });
    const config: SluiceConfig = {
      ...marked,
      watermarks: { ...marked.watermarks, other: { type: 'image', path: 'nowhere.png' } },
    };
    expect(() => build(config, machine, root)).toThrow(ConfigMistakes);
    expect(() => build(config, machine, root)).toThrow(
      /2 mistakes:\n {2}- watermarks\.logo\.path: the path is a folder: .*\n {2}- watermarks\.other\.path: the file does not exist: nowhere\.png/,
    );
  });
});

describe('a failing build', () => {
  /** A project with only these files, and the real packages. */
  function project(files: Record<string, string>): string {
    const root = temporaryFolder();
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return root;
  }
  const entries = Object.values(catalogue).flatMap(({ entries }) => Object.values(entries));
  const sources: Record<string, string> = {
    ...Object.fromEntries(entries.map((path) => [path, 'export const handler = 1;'])),
    [rdsRootsFile]: readFileSync(join(projectRoot, rdsRootsFile), 'utf8'),
  };
  const attempt = (projectRoot: string, target = machine) =>
    buildFunctions({ config: resolveConfig(plain), projectRoot, outDir: temporaryFolder(), target });

  it('a failing build lists every missing entry point', () => {
    const { 'lambda/api/index.ts': _, 'lambda/imaging/sandbox/child.ts': __, ...rest } = sources;
    expect(() => attempt(project(rest))).toThrow(BuildFailed);
    expect(() => attempt(project(rest))).toThrow(
      /lambda\/api\/index\.ts \(for api\/index\.mjs\)\n.*lambda\/imaging\/sandbox\/child\.ts \(for process\/sandbox\.mjs\)/,
    );
  });

  it('a failing build reports where the code does not compile', () => {
    const root = project({ ...sources, 'lambda/sweep/index.ts': 'export const = ;' });
    expect(() => attempt(root)).toThrow(/lambda\/sweep\/index\.ts:1:13/);
  });

  it('a failing build reports missing RDS roots', () => {
    const { [rdsRootsFile]: _, ...rest } = sources;
    expect(() => attempt(project(rest))).toThrow(BuildFailed);
    expect(() => attempt(project(rest))).toThrow(/rds-global-bundle\.pem does not exist/);
  });

  it('a failing build has the remedy for a package that is not installed', () => {
    expect(() => attempt(project(sources))).toThrow('The package sharp is not installed');
  });

  it('a failing build quotes npm when it cannot fetch a package, and leaves nothing incomplete', () => {
    const version = '0.0.1';
    const closed = 'http://127.0.0.1:9';
    // Behind a symbolic link, where npm would reject its lock file before any request.
    const elsewhere = project({
      'modules/sharp/package.json': JSON.stringify({ name: 'sharp', version }),
    });
    const root = project({
      ...sources,
      '.npmrc': `registry=${closed}/\nfetch-retries=0\n`,
      'package-lock.json': JSON.stringify({
        lockfileVersion: 3,
        packages: { 'node_modules/sharp': { version, resolved: `${closed}/sharp-${version}.tgz` } },
      }),
    });
    symlinkSync(join(elsewhere, 'modules'), join(root, 'node_modules'));
    const other: Target = { os: machine.os === 'linux' ? 'darwin' : 'linux', cpu: 'arm64' };
    expect(() => attempt(root, other)).toThrow(BuildFailed);
    expect(() => attempt(root, other)).toThrow(/npm could not fetch packages for \w+-arm64: .*ECONNREFUSED/s);
    expect(readdirSync(join(root, 'node_modules/.cache/sluice'))).toEqual([]);
  });
});

describe('the packages of a function', () => {
  it('a function contains packages for its machine only, even if others are installed', () => {
    const root = temporaryFolder();
    const install = (name: string, fields: object) => {
      mkdirSync(join(root, 'node_modules', name), { recursive: true });
      writeFileSync(join(root, 'node_modules', name, 'package.json'), JSON.stringify({ name, ...fields }));
    };
    const platforms = {
      'linux-arm64': { os: ['linux'], cpu: ['arm64'], libc: ['glibc'] },
      'linuxmusl-arm64': { os: ['linux'], cpu: ['arm64'], libc: ['musl'] },
      'linux-x64': { os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
      'darwin-arm64': { os: ['darwin'], cpu: ['arm64'] },
    };
    install('native', {
      dependencies: { plain: '*' },
      optionalDependencies: Object.fromEntries(Object.keys(platforms).map((name) => [`native-${name}`, '*'])),
    });
    install('plain', {});
    for (const [name, fields] of Object.entries(platforms)) install(`native-${name}`, fields);
    const names = (target: Target) =>
      runtimePackages('native', root, target).map(({ manifest }) => manifest.name);
    expect(names(lambda)).toEqual(['native', 'plain', 'native-linux-arm64']);
    expect(names({ os: 'linux', cpu: 'x64' })).toEqual(['native', 'plain', 'native-linux-x64']);
    expect(names({ os: 'darwin', cpu: 'arm64' })).toEqual(['native', 'plain', 'native-darwin-arm64']);
  });
});
