import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { command } from './command.ts';

/** The entry of the package's declarations, in their output folder. */
export const declaredEntry = 'lib/sluice.d.ts';

/**
 * Compiles the declarations of the package into `folder`. tsc leaves `./file.ts` in them, which TypeScript reads as
 * file.d.ts and other tools do not (TypeScript#61037).
 * @returns the modules of packages that they import
 * @throws BuildFailed
 */
export function compileDeclarations(root: string, folder: string): string[] {
  command(root, 'tsc', ['--project', 'tsconfig.package.json', '--outDir', folder]);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.d.ts'))
    .flatMap((file) => {
      const text = readFileSync(join(folder, file), 'utf8').replaceAll(
        /(\bfrom |\bimport\()(['"])(\.{1,2}\/[^'"]*)\.ts\2/g,
        '$1$2$3.js$2',
      );
      writeFileSync(join(folder, file), text);
      return importedBy(text).filter((target) => !target.startsWith('.'));
    });
}

/** A digest of the entry's declarations and their imports. It shows whether docs/construct-api.md is current. */
export function declarationsDigest(folder: string): string {
  const files = new Map<string, string>();
  const visit = (path: string): void => {
    if (files.has(path)) return;
    const text = readFileSync(path, 'utf8');
    files.set(path, text);
    for (const target of importedBy(text))
      if (target.startsWith('.')) visit(join(dirname(path), target.replace(/\.js$/, '.d.ts')));
  };
  visit(join(folder, declaredEntry));
  const digest = createHash('sha256');
  for (const [path, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    digest.update(relative(folder, path)).update('\0').update(text).update('\0');
  return digest.digest('hex').slice(0, 16);
}

function importedBy(text: string): string[] {
  return [...text.matchAll(/\b(?:from |import\(|import )['"]([^'"]+)['"]/g)].map(([, target = '']) => target);
}
