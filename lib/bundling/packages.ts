import { cpSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { BuildFailed } from './build-failed.ts';
import { type PlatformFields, runsOn, type Target } from './target.ts';

interface Manifest extends PlatformFields {
  name: string;
  version: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

export interface InstalledPackage {
  folder: string;
  manifest: Manifest;
}

/** The package that Node resolves for `name` from `from`, not above `root`. Undefined if it is not installed. */
export function findPackage(name: string, root: string, from = root): InstalledPackage | undefined {
  const folder = join(from, 'node_modules', name);
  if (existsSync(join(folder, 'package.json'))) {
    return {
      folder,
      manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest,
    };
  }
  return from === root || dirname(from) === from ? undefined : findPackage(name, root, dirname(from));
}

/**
 * `name` and the packages it needs at run time on the target. Optional ones for other machines are left out.
 * @throws BuildFailed if a package is not installed.
 */
export function runtimePackages(name: string, root: string, target: Target): InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  const visit = (wanted: string, from: string, optional: boolean): void => {
    const installed = findPackage(wanted, root, from);
    if (installed === undefined) {
      if (optional) return;
      throw new BuildFailed(`The package ${wanted} is not installed in ${root}: run "npm ci" first.`);
    }
    if (found.has(wanted) || !runsOn(target, installed.manifest)) return;
    found.set(wanted, installed);
    const { dependencies = {}, optionalDependencies = {} } = installed.manifest;
    for (const next of Object.keys(dependencies)) visit(next, installed.folder, next in optionalDependencies);
    for (const next of Object.keys(optionalDependencies)) visit(next, installed.folder, true);
  };
  visit(name, root, false);
  return [...found.values()];
}

/** Never loaded: native sources, headers, install scripts, types, manuals, and musl variants of libraries. */
const notLoaded =
  /(^|\/)(install|include|docs?|test|vendor|musl_\w+)\/|\.(d\.[cm]?ts|map|md|txt|cc?|cpp|hh?|hpp|asm|inc|S|def|gyp|gypi)$/;

/** Copies packages to `node_modules` of a folder, with licences but without what is not loaded. */
export function layPackages(packages: InstalledPackage[], folder: string): void {
  for (const { folder: source, manifest } of packages) {
    const hasLicence = ['LICENSE', 'LICENSE.md'].some((file) => existsSync(join(source, file)));
    cpSync(source, join(folder, 'node_modules', manifest.name), {
      recursive: true,
      dereference: true,
      filter: (path) => {
        const inside = relative(source, path).replaceAll(sep, '/');
        if (/^node_modules(\/|$)/.test(inside)) return false;
        // Of libvips only the README names the licences of its parts.
        if (/^(LICENSE|NOTICE)/i.test(inside) || (inside === 'README.md' && !hasLicence)) return true;
        return !notLoaded.test(inside);
      },
    });
  }
}
