import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FunctionName } from '../../lambda/runtime/environment.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { bundleFunctions, bundleScripts } from './bundle.ts';
import { layPackages, runtimePackages } from './packages.ts';
import { settingsOf } from './settings.ts';
import { type FunctionSpecification, functionSpecifications } from './specifications.ts';
import { stagePackage } from './staging.ts';
import type { Target } from './target.ts';
import { watermarkFiles } from './watermarks.ts';

/** What `buildFunctions` needs to know. */
export interface BuildOptions {
  config: ResolvedConfig;
  /** Where Sluice's own sources and its node_modules are. */
  projectRoot: string;
  /** What the paths of watermarks in the configuration are relative to; by default the project's root. */
  configRoot?: string;
  /** Each function gets a folder in here; what was in those folders before is removed. */
  outDir: string;
  target: Target;
  onProgress?: (line: string) => void;
}

/** A function that is ready to be zipped, or to be run as it lies. Its handler is `index.handler`. */
export interface BuiltFunction {
  folder: string;
  specification: FunctionSpecification;
}

/**
 * Builds every function into a folder of its own, the same for AWS and for the local runner. The same input
 * gives the same bytes. Needs the network only for native packages of another machine, once for each version.
 * @throws BuildFailed or ConfigMistakes (a watermark's file), with what to do about it.
 */
export function buildFunctions(options: BuildOptions): Record<FunctionName, BuiltFunction> {
  const { config, projectRoot, outDir, target, onProgress = () => {} } = options;
  const specifications = functionSpecifications(config);
  const { watermarks, files } = watermarkFiles(config, options.configRoot ?? projectRoot);
  const settings = `${JSON.stringify(settingsOf(config, watermarks), null, 2)}\n`;
  const all = Object.values(specifications);

  const bundles = bundleFunctions(all, projectRoot);
  for (const { name } of all) rmSync(join(outDir, name), { recursive: true, force: true });
  for (const { path, contents } of bundles) write(join(outDir, path), contents);
  for (const { name, nativePackages } of all) {
    write(join(outDir, name, 'settings.json'), settings);
    for (const native of nativePackages) {
      const own = target.os === process.platform && target.cpu === process.arch;
      const source = own ? projectRoot : stagePackage(native, projectRoot, target, onProgress);
      layPackages(runtimePackages(native, source, target), join(outDir, name));
    }
  }

  for (const [path, bytes] of files) write(join(outDir, 'process', path), bytes);
  // Without the font no text watermark can be drawn: Lambda has none.
  copyFiles(join(projectRoot, 'lambda/imaging/font'), join(outDir, 'process/assets'));
  copyFiles(join(projectRoot, 'migrations'), join(outDir, 'migrate/migrations'), /^\d+_.*\.sql$/);
  buildPage(projectRoot, join(outDir, 'api/console'));

  const built = (name: FunctionName): BuiltFunction => ({
    folder: join(outDir, name),
    specification: specifications[name],
  });
  return {
    api: built('api'),
    enqueue: built('enqueue'),
    process: built('process'),
    sweep: built('sweep'),
    migrate: built('migrate'),
  };
}

/** The page, from `console/`: the scripts that its HTML loads are bundled, everything else is copied. */
function buildPage(projectRoot: string, folder: string): void {
  const page = join(projectRoot, 'console');
  copyFiles(page, folder, /\.(html|css|svg|png|ico|webmanifest)$/);
  const html = list(page).filter((file) => file.endsWith('.html'));
  const loaded = html.flatMap((file) => [
    ...readFileSync(join(page, file), 'utf8').matchAll(/<script[^>]*\ssrc="(?:[^"]*\/)?([\w-]+)\.js"/g),
  ]);
  const scripts = [...new Set(loaded.map(([, name]) => `./console/${name}.ts`))];
  for (const { path, contents } of bundleScripts(scripts, projectRoot)) write(join(folder, path), contents);
}

function copyFiles(from: string, to: string, wanted = /./): void {
  for (const file of list(from)) if (wanted.test(file)) cpSync(join(from, file), join(to, file));
}

/** Files of a folder in a fixed order; none where there is no such folder. */
function list(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort();
}

function write(path: string, contents: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}
