import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join, relative } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type BuiltFunction, buildFunctions } from '../../lib/bundling/build.ts';
import type { Target } from '../../lib/bundling/target.ts';
import type { FunctionName } from '../../lib/catalogue/catalogue.ts';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { plain, projectRoot, temporaryFolder } from './synthesis.ts';

type Functions = Record<FunctionName, BuiltFunction>;

const build = (target: Target): Functions =>
  buildFunctions({
    config: resolveConfig(plain),
    projectRoot,
    configRoot: projectRoot,
    outDir: temporaryFolder(),
    target,
  });

/** The files below a folder, by their path in it. */
function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** e_machine of an ELF file, its processor; undefined for any other file. */
function machineOf(path: string): number | undefined {
  const header = Buffer.alloc(20);
  const file = openSync(path, 'r');
  readSync(file, header, 0, header.length, 0);
  closeSync(file);
  return header.toString('latin1', 0, 4) === '\x7fELF' ? header.readUInt16LE(18) : undefined;
}

/** Bytes of a folder in a zip: each file deflated, with its two headers (30 and 46 bytes) and its name in both. */
function zippedBytes(folder: string): number {
  return files(folder)
    .map((file) => deflateRawSync(readFileSync(join(folder, file))).length + 76 + 2 * file.length)
    .reduce((sum, bytes) => sum + bytes, 22);
}

const arm64 = build({ os: 'linux', cpu: 'arm64' });

it('no bundle reads a file that is not in its folder, as a package would that keeps one beside its code', () => {
  const missing = Object.values(arm64).flatMap(({ folder }) => {
    const own = files(folder);
    const code = own.filter((file) => /^[^/]+\.mjs$/.test(file));
    return code.flatMap((file) =>
      [
        ...readFileSync(join(folder, file), 'utf8').matchAll(
          /new URL\(["'`](?<url>\.[^"'`]*)|import\.meta\.(?:dirname|filename)/g,
        ),
      ]
        .map(({ 0: text, groups }) => groups?.url ?? text)
        .filter((name) => !own.includes(name.replace(/^\.\//, '')))
        .map((name) => `${file} reads ${name}`),
    );
  });
  expect(missing).toEqual([]);
});

describe.each([
  ['arm64', 183, arm64],
  ['x64', 62, build({ os: 'linux', cpu: 'x64' })],
] as const)('for %s, whatever machine builds', (cpu, machine, functions) => {
  const { folder } = functions.process;

  it('process contains sharp and libvips for its processor only', () => {
    const platforms = readdirSync(join(folder, 'node_modules/@img')).filter((name) =>
      name.startsWith('sharp'),
    );
    expect(platforms.sort()).toEqual([`sharp-libvips-linux-${cpu}`, `sharp-linux-${cpu}`]);
  });

  it('every native file is for the processor of the function', () => {
    const native = files(folder).filter((file) => /\.(node|so)(\.|$)/.test(file));
    expect(native.length).toBeGreaterThanOrEqual(2);
    expect(native.map((file) => machineOf(join(folder, file)))).toEqual(native.map(() => machine));
  });

  it('no native file has another extension', () => {
    const all = Object.values(functions).flatMap((one) =>
      files(one.folder).map((file) => join(one.folder, file)),
    );
    const others = all.filter((path) => ![undefined, machine as number].includes(machineOf(path)));
    expect(others).toEqual([]);
  });
});

describe('the size of an asset', () => {
  // A cold start fetches and unpacks it. A larger asset contains something new. The RDS roots are 0.08 MB of each function
  // that uses Postgres.
  it.each([
    ['process', 10],
    ['api', 0.33],
    ['sweep', 0.28],
    ['migrate', 0.24],
    ['operate', 0.24],
    ['enqueue', 0.15],
  ] as const)('%s is at most %d MB', (name, megabytes) => {
    expect(zippedBytes(arm64[name].folder) / 1e6).toBeLessThanOrEqual(megabytes);
  });
});

/*
 * bench/startup measures times; this test counts their causes. A cold start parses every byte that the entry imports.
 */
describe('the start of a function', () => {
  const codeOf = (folder: string, file: string) => readFileSync(join(folder, file), 'utf8');
  /** The files that an entry imports statically, directly or indirectly, itself included. */
  function imported(folder: string, file = 'index.mjs', seen = new Set<string>()): Set<string> {
    if (seen.has(file)) return seen;
    seen.add(file);
    for (const [, next = ''] of codeOf(folder, file).matchAll(/(?:from|import)"\.\/([\w-]+\.mjs)"/g))
      imported(folder, next, seen);
    return seen;
  }

  it.each([
    ['process', 270],
    ['api', 410],
    ['sweep', 440],
    ['enqueue', 250],
    ['migrate', 230],
    ['operate', 240],
  ] as const)('%s parses at most %d kB', (name, kilobytes) => {
    const { folder } = arm64[name];
    const bytes = [...imported(folder)].map((file) => codeOf(folder, file).length);
    expect(bytes.reduce((sum, one) => sum + one, 0) / 1000).toBeLessThanOrEqual(kilobytes);
  });

  it.each(['process', 'api', 'sweep', 'migrate', 'operate'] as const)(
    '%s loads the database driver on first use only',
    (name) => {
      const { folder } = arm64[name];
      const driver = files(folder).filter(
        (file) => /^[^/]+\.mjs$/.test(file) && codeOf(folder, file).includes('PGPASSFILE'),
      );
      expect(driver.length).toBeGreaterThan(0);
      expect(driver.filter((file) => imported(folder).has(file))).toEqual([]);
    },
  );

  it.each(Object.keys(arm64) as FunctionName[])('%s starts without a module that loads undici', (name) => {
    const { folder } = arm64[name];
    const code = files(folder).filter((file) => /^[^/]+\.mjs$/.test(file));
    const looking = code.filter((file) => /(?:from|import\(?)\s*"(?:node:)?http"/.test(codeOf(folder, file)));
    expect(looking).toEqual([]);
  });

  it.each(Object.keys(arm64) as FunctionName[])('%s uses only the credentials of its environment', (name) => {
    const { folder } = arm64[name];
    const code = files(folder).filter((file) => /^[^/]+\.mjs$/.test(file));
    expect(
      code.filter((file) =>
        /AWS_WEB_IDENTITY_TOKEN_FILE|sso_session|AWS_CONTAINER_/.test(codeOf(folder, file)),
      ),
    ).toEqual([]);
  });
});
