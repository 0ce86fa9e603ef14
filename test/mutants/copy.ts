import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Copies the working tree without ignored files, so that no mutant is ever in the working tree itself. Packages are linked
 * file by file: the sandbox may read no folder outside its project.
 */
export function copyTree(projectRoot: string, to: string): void {
  const git = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const files = execFileSync('git', git, { cwd: projectRoot, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  mkdirSync(to, { recursive: true });
  const packages = join(to, 'node_modules');
  const lock = (root: string) => {
    const file = join(root, 'package-lock.json');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  if (!existsSync(packages) || lock(to) !== lock(projectRoot)) {
    rmSync(packages, { recursive: true, force: true });
    execFileSync('cp', ['-al', join(projectRoot, 'node_modules'), packages]);
  }
  for (const folder of ['lambda', 'lib', 'local', 'test', 'migrations', 'bin', 'scripts'])
    rmSync(join(to, folder), { recursive: true, force: true });
  for (const file of files.split('\0').filter(Boolean)) {
    if (!existsSync(join(projectRoot, file))) continue;
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(projectRoot, file), join(to, file));
  }
}
