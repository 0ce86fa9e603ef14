import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { App } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { sluiceApp } from '../../lib/app.ts';
import { buildFunctions } from '../../lib/bundling/build.ts';
import { resolveConfig } from '../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { appProps, plain, projectRoot, temporaryFolder } from './synthesis.ts';

const build = () =>
  buildFunctions({
    config: resolveConfig(plain),
    projectRoot,
    configRoot: projectRoot,
    outDir: temporaryFolder(),
    target: { os: 'linux', cpu: 'arm64' },
  });

/** The files below a folder, by their path in it. */
function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

describe('reproducible builds', () => {
  /** Every file that a synthesis writes, assets included, by its path, with a hash of its bytes. */
  function assembly(functions: ReturnType<typeof buildFunctions>): Record<string, string> {
    const { context, ...props } = appProps();
    const { 'aws:cdk:disable-asset-staging': _, ...settings } = context ?? {};
    const app = new App({ ...props, context: settings });
    const config: SluiceConfig = { ...plain, deploy: { review: false } };
    sluiceApp(app, config, 'prod', { functions });
    const { directory } = app.synth();
    return Object.fromEntries(
      files(directory).map((file) => [
        file,
        createHash('sha256')
          .update(readFileSync(join(directory, file)))
          .digest('hex'),
      ]),
    );
  }

  it('the same sources give the same templates and assets, wherever and whenever they are built', () => {
    // From one call, because the output names the lines of its caller.
    const [first = {}, second] = [build(), build()].map(assembly);
    expect(Object.keys(first).filter((file) => file.endsWith('.template.json'))).toHaveLength(2);
    expect(Object.keys(first).filter((file) => /^asset\.[^/]+\/index\.mjs$/.test(file))).toHaveLength(13);
    expect(second).toEqual(first);
  });
});
