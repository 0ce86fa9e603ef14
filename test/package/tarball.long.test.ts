import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deadLinks } from './links.ts';
import { filesOf, layTarball, projectRoot, run } from './shop.ts';

/* The contents of the tarball, as npm would unpack it. */
const home = mkdtempSync(join(tmpdir(), 'sluice-tarball-'));
const installed = join(home, 'node_modules/sluice');
let tarball: string;

beforeAll(async () => {
  const packed = await run(projectRoot, 'node', ['scripts/pack.ts', home]);
  expect(packed.code, packed.stderr).toBe(0);
  tarball = packed.stdout.trim();
  await layTarball(home, tarball);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;

it('the package has exactly compiled code with types, functions, pins of native packages and texts', () => {
  const expected = [
    /^(LICENSE|README\.md|THIRD-PARTY-LICENCES\.txt|package\.json)$/,
    /^docs\/(api|configuration|construct|construct-api|operations|security|targets|unsafe-settings)\.md$/,
    // What those refer to.
    /^docs\/(architecture|database|events|export|functions|invariants|planning|state-machine)\.md$/,
    /^docs\/openapi\.json$/,
    /^lambda\/(domain|imaging\/inspect|runtime)\/[\w-]+\.d\.ts$/,
    /^lambda\/(analytics|api|audit|deliver|dispatch|enqueue|export|exportjob|migrate|operate|process|relay|sweep)\/environment\.d\.ts$/,
    /^lambda\/postgres\/rds-global-bundle\.pem$/,
    /^lib\/sluice\.js$/,
    /^lib\/(sluice|image-pipeline|\w+\/([\w-]+\/)?[\w-]+)\.d\.ts$/,
    /^functions\/(analytics|api|audit|deliver|dispatch|enqueue|export|exportjob|migrate|operate|process|relay|sweep)\/[\w-]+\.mjs(\.LEGAL\.txt)?$/,
    /^functions\/api\/console\/(app\.js|icon\.svg|index\.html|style\.css)$/,
    /^functions\/migrate\/migrations\/\d{6}_\w+\.sql$/,
    /^functions\/process\/assets\/(Inter-SemiBold\.ttf|OFL\.txt|fonts\.conf)$/,
    /^native\/(koffi|sharp)\.json$/,
  ];
  const files = filesOf(installed);
  expect(files.filter((file) => !expected.some((pattern) => pattern.test(file)))).toEqual([]);
  expect(expected.filter((pattern) => !files.some((file) => pattern.test(file)))).toEqual([]);
});

it('the package has its own README, and no broken or external relative link', () => {
  const texts = filesOf(installed).filter((file) => file.endsWith('.md'));
  expect(readFileSync(join(installed, 'README.md'), 'utf8')).toMatch(/^# sluice\n\nA CDK construct/);
  expect(texts).toContain('docs/construct-api.md');
  expect(deadLinks(installed, texts)).toEqual([]);
});

// 13 functions with all that each needs in its own folder: 2.26 MB. That of the relay, with the client of Kafka, is a sixth.
it('the package is smaller than 2.5 MB', () => {
  expect(statSync(tarball).size).toBeLessThan(2_500_000);
});

it('declarations work for tools that read no .ts from declarations', () => {
  const telling = filesOf(installed).filter(
    (file) =>
      file.endsWith('.d.ts') &&
      /(from|import\() ?'\.[^']*\.ts'/.test(readFileSync(join(installed, file), 'utf8')),
  );
  expect(telling).toEqual([]);
});

it('the package contains no path of the machine that packed it', () => {
  const telling = filesOf(installed).filter((file) => {
    const contents = readFileSync(join(installed, file), 'latin1');
    return contents.includes(projectRoot) || contents.includes(home);
  });
  expect(telling).toEqual([]);
});

it('the package depends on zod and the app’s CDK, from the tested versions upwards', () => {
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
])('%s and its dependencies on Lambda are pinned by hashes, without a registry', (name, ...native) => {
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

it('the package contains the licences of the code bundled into the functions', () => {
  const licences = readFileSync(join(installed, 'THIRD-PARTY-LICENCES.txt'), 'utf8');
  expect(licences).toMatch(/^pg 8\.[\d.]+$/m);
  expect(licences).toMatch(/^@aws-sdk\/client-sqs 3\.[\d.]+$/m);
  expect(licences).not.toContain('not stated');
});
