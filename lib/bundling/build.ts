import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Catalogue, catalogue, type FunctionName } from '../catalogue/catalogue.ts';
import { eachFunction, namesWhere } from '../catalogue/select.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import type { FunctionFile } from './bundle.ts';
import { functionFiles, isPacked } from './function-files.ts';
import { layPackages, runtimePackages } from './packages.ts';
import { settingsOf } from './settings.ts';
import { type FunctionSpecification, functionSpecifications } from './specifications.ts';
import { stagePackage } from './staging.ts';
import type { Target } from './target.ts';
import { watermarkFiles } from './watermarks.ts';

export interface BuildOptions {
  config: ResolvedConfig;
  /** Sluice's sources and node_modules, or the installed package. */
  projectRoot: string;
  /** Base of watermark paths in the configuration, and folder of .npmrc; by default `projectRoot`. */
  configRoot?: string;
  /** Output folder. Each function gets a subfolder, emptied first. */
  outDir: string;
  target: Target;
  onProgress?: (line: string) => void;
  /** Functions to build; by default all. */
  functions?: Catalogue;
  /** Their compiled files (function-files.ts); by default compiled or read now. */
  files?: FunctionFile[];
}

/** A built function; its handler is `index.handler`. */
export interface BuiltFunction {
  folder: string;
  specification: FunctionSpecification;
}

/**
 * Builds every function into its own folder, for AWS and the local runner alike, reproducibly. Needs the network only
 * for native packages of another machine, once per version.
 * @throws BuildFailed or ConfigMistakes (a watermark's file or text), with the remedy.
 */
export function buildFunctions(options: BuildOptions): Record<FunctionName, BuiltFunction> {
  const { config, projectRoot, configRoot = projectRoot, outDir, target, onProgress = () => {} } = options;
  const functions = options.functions ?? catalogue;
  const specifications = functionSpecifications(config, functions);
  const { watermarks, files: marks } = watermarkFiles(config, configRoot, projectRoot);
  const settings = `${JSON.stringify(settingsOf(config, watermarks), null, 2)}\n`;
  const all = Object.values(specifications);

  const built = options.files ?? functionFiles(projectRoot, functions);
  for (const { name } of all) rmSync(join(outDir, name), { recursive: true, force: true });
  for (const { path, contents } of built) write(join(outDir, path), contents);
  // A checkout has the packages for this machine installed; users of the package may not.
  const own = target.os === process.platform && target.cpu === process.arch && !isPacked(projectRoot);
  for (const { name, nativePackages } of all) {
    write(join(outDir, name, 'settings.json'), settings);
    for (const native of nativePackages) {
      const source = own
        ? projectRoot
        : stagePackage(native, { projectRoot, configRoot, target, onProgress });
      layPackages(runtimePackages(native, source, target), join(outDir, name));
    }
  }
  for (const name of namesWhere((definition) => definition.files.includes('watermarks'), functions))
    for (const [path, bytes] of marks) write(join(outDir, name, path), bytes);
  return eachFunction(functions, (name) => ({
    folder: join(outDir, name),
    specification: specifications[name],
  }));
}

function write(path: string, contents: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}
