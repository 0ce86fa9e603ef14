import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App, type AppProps, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type SluiceAppOptions, sluiceApp } from '../../lib/app.ts';
import type { BuiltFunction } from '../../lib/bundling/build.ts';
import { functionSpecifications } from '../../lib/bundling/specifications.ts';
import type { FunctionName } from '../../lib/catalogue/catalogue.ts';
import { resolveConfig, stageConfig } from '../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';

export const projectRoot = resolve(import.meta.dirname, '../..');

export const plain: SluiceConfig = { presets: { small: { width: 320 } } };

/**
 * The output of `cdk synth`, without copying assets and without the validation by CloudFormation's schemas, which costs
 * 1.5 s of CPU each time; app.long.test.ts runs it.
 */
export function appProps(validated = false): AppProps {
  const { context } = JSON.parse(readFileSync(join(projectRoot, 'cdk.json'), 'utf8')) as {
    context: Record<string, unknown>;
  };
  return {
    context: { ...context, 'aws:cdk:disable-asset-staging': true },
    outdir: temporaryFolder(),
    builtinCloudFormationValidation: validated,
  };
}

/** A folder that is removed after the run: folder-setup.ts. */
export function temporaryFolder(): string {
  return mkdtempSync(join(process.env.SLUICE_INFRA_FOLDER ?? tmpdir(), 'sluice-infra-'));
}

/** Functions without real code: a template only names it. build.test.ts tests the build. */
export function unbuilt(config: SluiceConfig, stage?: string): Record<FunctionName, BuiltFunction> {
  const root = temporaryFolder();
  const resolved = stage === undefined ? resolveConfig(config) : stageConfig(config, stage);
  const entries = Object.entries(functionSpecifications(resolved)).map(([name, specification]) => {
    const folder = join(root, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'index.mjs'), 'export const handler = () => {};');
    return [name, { folder, specification }] as const;
  });
  return Object.fromEntries(entries) as Record<FunctionName, BuiltFunction>;
}

/**
 * The app of a stage before synthesis, with functions without real code. Without the rule packs of cdk-nag by default: they
 * cost as much as the synthesis itself; review.test.ts includes them.
 */
export function stageApp(
  config: Partial<SluiceConfig> = {},
  options: SluiceAppOptions = {},
  stage = 'prod',
): App {
  const whole: SluiceConfig = { ...plain, ...config, deploy: { review: false, ...config.deploy } };
  const app = new App(appProps());
  sluiceApp(app, whole, stage, { functions: unbuilt(whole, stage), ...options });
  return app;
}

/** The stacks of a stage as they are synthesised with this configuration. */
export function synthesise(...how: Parameters<typeof stageApp>): {
  app: App;
  data: Template | undefined;
  pipeline: Template;
} {
  const app = stageApp(...how);
  const stacks = app.node.children.filter((one) => Stack.isStack(one));
  const find = (name: string) => stacks.find((stack) => stack.node.id.endsWith(name));
  const data = find('Data');
  const pipeline = find('Pipeline');
  if (pipeline === undefined) throw new TypeError('the app has no pipeline stack');
  return {
    app,
    data: data === undefined ? undefined : Template.fromStack(data),
    pipeline: Template.fromStack(pipeline),
  };
}
