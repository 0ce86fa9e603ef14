import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BuildFailed } from '../../lib/bundling/build-failed.ts';
import { stagePackage } from '../../lib/bundling/staging.ts';
import { temporaryFolder } from './synthesis.ts';

/** A project with sharp installed, whose lock file takes it from a tarball and its native part from `native`. */
function project(native: string): string {
  const root = temporaryFolder();
  const sharp = { name: 'sharp', version: '0.0.1', optionalDependencies: { 'sharp-arm': '0.0.1' } };
  const tarball = (name: string, manifest: object) => {
    const folder = join(root, 'node_modules', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    const tar = ['-czf', join(root, `${name}.tgz`), '-C', join(root, 'node_modules'), name];
    expect(spawnSync('tar', tar).status).toBe(0);
    return `file:${join(root, `${name}.tgz`)}`;
  };
  tarball('sharp-arm', { name: 'sharp-arm', version: '0.0.1', os: ['linux'], cpu: ['arm64'] });
  writeFileSync(
    join(root, 'package-lock.json'),
    JSON.stringify({
      lockfileVersion: 3,
      packages: {
        'node_modules/sharp': { ...sharp, resolved: tarball('sharp', sharp) },
        'node_modules/sharp-arm': {
          ...{ version: '0.0.1', resolved: native.replace('<root>', root), optional: true },
          ...{ os: ['linux'], cpu: ['arm64'] },
        },
      },
    }),
  );
  return root;
}
const stage = (root: string) =>
  stagePackage('sharp', {
    projectRoot: root,
    configRoot: root,
    target: { os: 'linux', cpu: 'arm64' },
    onProgress: () => {},
  });

it('staging fetches a package with its native part', () => {
  const folder = stage(project('file:<root>/sharp-arm.tgz'));
  expect(readdirSync(join(folder, 'node_modules')).sort()).toEqual(
    expect.arrayContaining(['sharp', 'sharp-arm']),
  );
});

it('staging rejects a package without its native part, and keeps nothing of it', () => {
  const root = project('file:<root>/nowhere.tgz');
  expect(() => stage(root)).toThrow(BuildFailed);
  expect(() => stage(root)).toThrow('npm could not fetch sharp-arm');
  expect(readdirSync(join(root, 'node_modules/.cache/sluice'))).toEqual([]);
});
