import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BuildFailed } from '../lib/bundling/build-failed.ts';
import { command } from './package/command.ts';
import { compileDeclarations, declarationsDigest, declaredEntry } from './package/declarations.ts';
import { referencePage } from './reference/page.ts';

/*
 * npm run reference: writes docs/construct-api.md from the declarations of the package.
 *
 * TypeDoc needs the API of TypeScript 6, and the project's compiler is 7, which has none yet. So TypeDoc is installed in
 * its own folder, with the lock file in reference/typedoc, apart from the project's `npm ci`. A type that the interface
 * mentions but does not export is a warning of TypeDoc, and an error here.
 */
const root = resolve(import.meta.dirname, '..');
const home = join(root, '.build/reference');
const declarations = join(home, 'declarations');
const page = join(root, 'docs/construct-api.md');

try {
  rmSync(declarations, { recursive: true, force: true });
  compileDeclarations(root, declarations);
  const tools = installed();
  const out = join(home, 'page');
  rmSync(out, { recursive: true, force: true });
  writeFileSync(
    join(tools, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2024',
        strict: true,
        skipLibCheck: true,
        types: ['node'],
        typeRoots: [join(root, 'node_modules/@types')],
      },
      files: [join(declarations, declaredEntry)],
    }),
  );
  const where = ['--entryPoints', join(declarations, declaredEntry), '--out', out];
  command(root, join(tools, 'node_modules/.bin/typedoc'), where, tools);
  const written = readFileSync(join(out, 'construct-api.md'), 'utf8');
  writeFileSync(page, referencePage(written, declarationsDigest(declarations)));
  console.log(page);
} catch (error) {
  if (!(error instanceof BuildFailed)) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = 1;
}

/** Installs TypeDoc if it is missing. @returns the folder to run it in */
function installed(): string {
  const own = join(import.meta.dirname, 'reference/typedoc');
  const lock = readFileSync(join(own, 'package-lock.json'));
  const folder = join(home, `tools-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
  if (!existsSync(folder)) {
    const fresh = `${folder}.${process.pid}`;
    mkdirSync(fresh, { recursive: true });
    for (const file of ['package.json', 'package-lock.json']) cpSync(join(own, file), join(fresh, file));
    command(root, 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], fresh);
    renameSync(fresh, folder);
  }
  cpSync(join(own, 'typedoc.json'), join(folder, 'typedoc.json'));
  return folder;
}
