import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, temporaryFolder } from './synthesis.ts';

/** Starts bin/sluice.ts of the project with another sluice.config.ts next to it. */
export function withConfig(source: string) {
  const root = temporaryFolder();
  mkdirSync(join(root, 'bin'));
  cpSync(join(projectRoot, 'bin/sluice.ts'), join(root, 'bin/sluice.ts'));
  for (const shared of ['lib', 'lambda', 'node_modules', 'package.json'])
    symlinkSync(join(projectRoot, shared), join(root, shared));
  writeFileSync(join(root, 'sluice.config.ts'), source);
  return spawnSync(process.execPath, ['bin/sluice.ts'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, CDK_OUTDIR: join(root, 'cdk.out') },
  });
}
