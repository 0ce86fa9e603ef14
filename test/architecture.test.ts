import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../lib/catalogue/catalogue.ts';
import { cycles, type Module, modules, root, topFolders } from './support/modules.ts';

/*
 * The allowed imports, types included. The first test requires a minimum number of modules and imports, because a reader
 * that finds none would report success.
 */
const within = (...folders: string[]) =>
  modules.filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)));
/** The only importers of a client each. */
const clients = ['imaging', 'postgres', 'kafka', 'valkey', 'aws', 'addresses'];
const functions = readdirSync(join(root, 'lambda')).filter(
  (folder) => !['domain', 'policy', 'runtime', ...clients].includes(folder),
);

/** The imports of these modules that the rule does not allow, as `module → target`. */
function breaches(of: Module[], allowed: (target: string, module: Module) => boolean): string[] {
  return of.flatMap((module) =>
    module.imports.filter((target) => !allowed(target, module)).map((target) => `${module.path} → ${target}`),
  );
}
const isPackage = (target: string) =>
  !topFolders.includes(target.split('/')[0] ?? '') && !target.startsWith('sluice.config');
const inside = (target: string, ...folders: string[]) =>
  folders.some((folder) => target.startsWith(`${folder}/`));

describe('the architecture', () => {
  it('this test reads all modules and imports, and finds every function of the catalogue', () => {
    expect(modules.length).toBeGreaterThan(280);
    expect(modules.flatMap(({ imports }) => imports).length).toBeGreaterThan(1000);
    expect(functions.sort()).toEqual(Object.keys(catalogue).sort());
  });

  it('domain imports nothing outside itself', () => {
    expect(breaches(within('lambda/domain'), (target) => inside(target, 'lambda/domain'))).toEqual([]);
  });

  it('policy imports domain and itself, no package, and has no clock or random source of its own', () => {
    expect(within('lambda/policy').length).toBeGreaterThan(2);
    for (const { path, text } of within('lambda/policy'))
      expect(text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''), path).not.toMatch(
        /Date\.now|new Date\(\)|Math\.random|performance\./,
      );
    expect(
      breaches(within('lambda/policy'), (target) => inside(target, 'lambda/policy', 'lambda/domain')),
    ).toEqual([]);
  });

  it.each([...clients, 'runtime'])(
    'lambda/%s imports only packages, itself, domain and the types of runtime',
    (folder) => {
      const own = `lambda/${folder}`;
      expect(
        breaches(
          within(own),
          (target) => isPackage(target) || inside(target, own, 'lambda/domain', 'lambda/runtime'),
        ),
      ).toEqual([]);
    },
  );

  it.each([
    ['sharp', ['lambda/imaging']],
    ['koffi', ['lambda/imaging/confinement']],
    ['pg', ['lambda/postgres']],
    ['@platformatic/kafka', ['lambda/kafka']],
    ['iovalkey', ['lambda/valkey']],
    ['ipaddr.js', ['lambda/addresses']],
  ])('%s is imported by one folder of lambda only', (name, importers) => {
    expect(
      breaches(within('lambda'), (target, { path }) => target !== name || inside(path, ...importers)),
    ).toEqual([]);
  });

  it('the AWS SDK is imported by lambda/aws only', () => {
    const rule = (target: string, { path }: Module) =>
      !target.startsWith('@aws-sdk/') || inside(path, 'lambda/aws');
    expect(breaches(within('lambda'), rule)).toEqual([]);
  });

  it.each(functions)(
    'the function %s imports no other function, and nothing of lib, local, bench or test',
    (name) => {
      const own = `lambda/${name}`;
      const shared = ['domain', 'policy', 'runtime', ...clients].map((folder) => `lambda/${folder}`);
      expect(breaches(within(own), (target) => isPackage(target) || inside(target, own, ...shared))).toEqual(
        [],
      );
    },
  );

  it('the worker exports no shapes of an image but those that docs/architecture.md names', () => {
    const names = within('lambda/process').flatMap(({ text }) =>
      [...text.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => name),
    );
    const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
    for (const shape of ['Job', 'Assignment', 'Claim', 'Outcome', 'Verdict'])
      expect(page).toContain(`| \`${shape}\` |`);
    const ofBatch = ['Dependencies', 'BatchContext', 'Deadline'];
    expect(names.sort()).toEqual(['Assignment', 'Outcome', 'Verdict', ...ofBatch].sort());
  });

  it('lib/preflight and lib/plan import no CDK, and each file of lib/preflight/queries queries one service', () => {
    const free = (target: string) => !/^(aws-cdk-lib|constructs)/.test(target);
    for (const folder of ['lib/preflight', 'lib/plan'])
      expect(breaches(within(folder), free), folder).toEqual([]);
    const asking = modules.filter(({ text }) => /^import (?!type ).*[\s\S]*?from '@aws-sdk\//m.test(text));
    const values = (module: Module) =>
      [...module.text.matchAll(/^import (?!type )[^;]*? from '(@aws-sdk\/[^']+)'/gm)].map(([, name]) => name);
    for (const module of asking.filter(({ path }) => path.startsWith('lib/'))) {
      if (values(module).length === 0) continue;
      expect(module.path).toMatch(/^lib\/preflight\/queries\//);
      expect(new Set(values(module)).size, module.path).toBe(1);
    }
  });

  it('lib imports only pure modules of lambda', () => {
    const rule = (target: string) =>
      isPackage(target) ||
      inside(target, 'lib', 'lambda/domain', 'lambda/runtime') ||
      // Types of a function's environment, with which its entry in the catalogue is compared.
      /^lambda\/\w+\/environment\.ts$/.test(target) ||
      // The table of first bytes: pure, and must not be duplicated.
      target === 'lambda/imaging/inspect/file-type.ts';
    expect(breaches(within('lib'), rule)).toEqual([]);
  });

  it.each([
    ['lib', 10],
    ['lambda/api', 4],
  ])('the folders of %s depend on each other in one direction', (parent, least) => {
    const folderOf = (path: string) =>
      inside(path, parent) ? /^\/([^/]+)\//.exec(path.slice(parent.length))?.[1] : undefined;
    const arrows = within(parent).flatMap(({ path, imports }) =>
      imports.map((target) => [folderOf(path), folderOf(target)] as const),
    );
    expect(new Set(arrows.flatMap(([from]) => from ?? [])).size).toBeGreaterThan(least);
    expect(cycles(arrows)).toEqual([]);
  });

  it('no source file imports itself through other files, not even for a type', () => {
    const source = modules.filter(({ path }) => !path.startsWith('test/'));
    const arrows = source.flatMap(({ path, imports }) => imports.map((target) => [path, target] as const));
    expect(cycles(arrows)).toEqual([]);
  });

  it('lib/chart draws with d3 and imports nothing else', () => {
    expect(within('lib/chart').length).toBeGreaterThan(5);
    const rule = (target: string) => /^d3-(scale|shape)$/.test(target) || inside(target, 'lib/chart');
    expect(breaches(within('lib/chart'), rule)).toEqual([]);
  });

  it('local runs the built functions and never imports their sources', () => {
    const rule = (target: string) =>
      isPackage(target) ||
      inside(target, 'local', 'lib/config', 'lib/bundling', 'lib/rules', 'lambda/domain', 'lambda/runtime') ||
      inside(target, 'lib/catalogue') ||
      // The rule of fair queues: pure, and must not be duplicated.
      target === 'simulator/fair-queue.ts';
    expect(breaches(within('local'), rule)).toEqual([]);
  });

  it('simulator imports policies, domain, configuration and rules: no package, no function, no clock or random source', () => {
    expect(within('simulator').length).toBeGreaterThan(10);
    for (const { path, text } of within('simulator'))
      expect(text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''), path).not.toMatch(
        /Date\.now|new Date\(\)|Math\.random|performance\.|setTimeout/,
      );
    const rule = (target: string) =>
      inside(target, 'simulator', 'lambda/policy', 'lambda/domain', 'lib/config', 'lib/rules') ||
      // Constants and pure functions, which must not be duplicated.
      [
        'lib/bundling/settings.ts',
        'lib/bundling/gateway-problems.ts',
        'lambda/process/time-budget.ts',
      ].includes(target);
    expect(breaches(within('simulator'), rule)).toEqual([]);
  });

  it('lib/catalogue, lib/config, lib/bundling and lib/rules stay free of the CDK, so that the local runner starts quickly', () => {
    expect(
      breaches(
        within('lib/catalogue', 'lib/config', 'lib/bundling', 'lib/rules'),
        (target) => !/^(aws-cdk-lib|constructs)/.test(target),
      ),
    ).toEqual([]);
  });

  /*
   * A step is a value that a list of the pipeline imports from a step folder. Between step folders values come only from
   * modules without access to pixels: they import neither the codecs, nor PixelScope, nor Raster.
   */
  describe('the pipeline of lambda/imaging', () => {
    const lists = ['pipeline.ts', 'render-preset.ts'].map((file) => `lambda/imaging/${file}`);
    const folderOf = (path: string) =>
      /^lambda\/imaging\/(inspect|metadata|decode|colour|shape|watermark|encode)\//.exec(path)?.[1];
    const valuesOf = ({ path, text }: Module) =>
      [...text.matchAll(/^import \{([^}]*)\} from '(\.[^']+)'/gm)].flatMap(([, names = '', target = '']) =>
        names
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== '' && !name.startsWith('type '))
          .map((name) => ({ name, from: relative(root, resolve(root, dirname(path), target)) })),
      );
    const imaging = within('lambda/imaging');
    const steps = imaging
      .filter(({ path }) => lists.includes(path))
      .flatMap(valuesOf)
      .filter(({ from }) => folderOf(from));
    const touchesPixels = (path: string) =>
      /from '(sharp|[./]+(codecs|pixel-scope)\.ts)'|^import [^;]*\bRaster\b/m.test(
        modules.find((module) => module.path === path)?.text ?? '',
      );

    it('the lists of the pipeline name all steps', () => {
      const names = steps.map(({ from }) => from.replace('lambda/imaging/', '').replace('.ts', ''));
      expect(names).toEqual(
        expect.arrayContaining([
          ...['inspect/inspect', 'colour/source', 'metadata/credits', 'decode/decode', 'colour/to-srgb'],
          ...['decode/orient', 'shape/resize', 'shape/crop', 'shape/sharpen', 'shape/pad'],
          ...['encode/still', 'encode/animation', 'encode/placeholder'],
        ]),
      );
    });

    it('no step of the pipeline runs another', () => {
      const isStep = ({ name, from }: { name: string; from: string }) =>
        steps.some((step) => step.name === name && step.from === from);
      const runs = imaging
        .filter(({ path }) => !lists.includes(path))
        .flatMap((module) => {
          const own = folderOf(module.path);
          const isForeign = (from: string) => own && folderOf(from) && folderOf(from) !== own;
          return valuesOf(module)
            .filter((value) => isStep(value) || (isForeign(value.from) && touchesPixels(value.from)))
            .map(({ name, from }) => `${module.path} → ${name} of ${from}`);
        });
      expect(runs).toEqual([]);
    });
  });

  it('console imports only itself and the table of routes, which imports nothing', () => {
    const table = 'lambda/domain/routes.ts';
    const rule = (target: string) => inside(target, 'console') || target === table;
    expect(breaches(within('console'), rule)).toEqual([]);
    expect(modules.find(({ path }) => path === table)?.imports).toEqual([]);
  });

  it('lib, lambda, console and simulator do not import test, local or bench', () => {
    const rule = (target: string) => !inside(target, 'test', 'local', 'bench');
    expect(breaches(within('lib', 'lambda', 'console', 'simulator'), rule)).toEqual([]);
  });

  it('every imported package is in package.json', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
      string,
      Record<string, string>
    >;
    const known = Object.keys({
      ...manifest.dependencies,
      ...manifest.devDependencies,
      ...manifest.optionalDependencies,
    });
    const rule = (target: string) =>
      !isPackage(target) ||
      target.startsWith('node:') ||
      known.some((name) => target === name || target.startsWith(`${name}/`)) ||
      ['aws-lambda', 'vitest/config'].includes(target);
    expect(
      breaches(within('bin', 'scripts', 'lib', 'lambda', 'local', 'console', 'simulator'), rule),
    ).toEqual([]);
  });

  it('no file has more than 300 lines', () => {
    expect(modules.filter(({ lines }) => lines > 300).map(({ path, lines }) => `${path}: ${lines}`)).toEqual(
      [],
    );
  });

  it('no time limit of a test is a bare number, which would be a guess about the machine (test/support/pace.ts)', () => {
    // The last argument of a test or hook, an option named timeout, and elapsed time.
    const bare =
      /^ *\}, [\d_]{4,}\);$|\btimeout: [\d_]+\b|(?:Date|performance)\.now\(\) - \w+\)\.toBeLessThan\([\d_]+\)/gm;
    const guesses = within('test').flatMap(({ path, text }) =>
      [...text.matchAll(bare)].map(([found]) => `${path}: ${found.trim()}`),
    );
    expect(guesses).toEqual([]);
  });

  it('no file is named after a grab-bag, such as util or manager', () => {
    expect(
      modules.map(({ path }) => path).filter((path) => /(helper|util|manager|common|misc)s?\b/i.test(path)),
    ).toEqual([]);
  });
});
