import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { BuildFailed } from '../../lib/bundling/build-failed.ts';
import { packagesOf } from '../../scripts/package/entry.ts';
import { packageManifest } from '../../scripts/package/manifest.ts';
import { projectRoot, run, write } from './shop.ts';

const home = mkdtempSync(join(tmpdir(), 'sluice-packing-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

it('packing rejects code that imports a package that package.json lacks', () => {
  const imported = packagesOf(['@one/two/three', 'node:fs', 'constructs']);
  const dependencies = { 'aws-cdk-lib': '2.0.0', constructs: '10.0.0' };
  const own = { name: 'one', version: '1.0.0', description: '', license: '', dependencies };
  expect(() => packageManifest(own, imported)).toThrow(BuildFailed);
  expect(() => packageManifest(own, imported)).toThrow('lib imports @one/two, which is not among');
  const named = { ...own, dependencies: { ...dependencies, '@one/two': '1.2.3' } };
  expect(packageManifest(named, imported)).toMatchObject({
    dependencies: { '@one/two': '^1.2.3' },
    peerDependencies: { 'aws-cdk-lib': '^2.0.0', constructs: '^10.0.0' },
  });
});

it('packing quotes the compiler when it fails, without a stack trace', async () => {
  const file = join(home, 'file');
  write(join(file), '');
  const { code, stderr } = await run(projectRoot, 'node', ['scripts/pack.ts', file]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^\s*tsc failed: .*could not write/is);
  expect(stderr).not.toMatch(/^\s+at /m);
});
