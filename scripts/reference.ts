import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BuildFailed } from '../lib/build/build-failed.ts';
import { command } from './package/command.ts';
import { compileDeclarations, declarationsDigest, declaredEntry } from './package/declarations.ts';
import { referencePage } from './reference/page.ts';

/*
 * npm run reference: writes docs/construct-api.md from the declarations of the package.
 *
 * By TypeDoc, which needs the API of TypeScript 6, while the project has the compiler of 7 that has none yet: it is
 * installed in a folder of its own, with the lock file in reference/typedoc, and `npm ci` of the project never sees it. What the
 * interface mentions and does not export is a warning of TypeDoc's, and fails this.
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

/** TypeDoc, fetched when it is not there yet. @returns the folder to run it in. */
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
