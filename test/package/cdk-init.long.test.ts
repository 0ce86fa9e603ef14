import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patience } from '../support/pace.ts';
import { type Ended, layTarball, linkCdk, projectRoot, run, write } from './shop.ts';

/*
 * The unchanged app of `cdk init app --language typescript`: CommonJS, tested by jest, which cannot load ES modules. Its
 * tools come from the registry by cdk-init/package-lock.json.
 */
const home = mkdtempSync(join(tmpdir(), 'sluice-cdk-init-'));
const app = join(home, 'shop');
/** No telemetry, and no request to any address. */
const quiet = { CDK_DISABLE_CLI_TELEMETRY: 'true', CI: 'true' };

const stack = `
import * as cdk from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { ImagePipeline } from 'sluice';

export class ShopStack extends cdk.Stack {
  constructor(scope: Construct, id: string, props?: cdk.StackProps) {
    super(scope, id, props);
    new ImagePipeline(this, 'Photos', { config: { presets: { large: { width: 1600 } } } });
  }
}
`;

const tests = `
import * as cdk from 'aws-cdk-lib/core';
import { Template } from 'aws-cdk-lib/assertions';
import { ConfigMistakes, ImagePipeline } from 'sluice';
import { ShopStack } from '../lib/shop-stack';

test('the template has the pipeline', () => {
  const template = Template.fromStack(new ShopStack(new cdk.App(), 'Shop'));
  template.resourceCountIs('AWS::ApiGateway::RestApi', 1);
  template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    ScalingConfig: { MaximumConcurrency: 8 },
  });
});

test('a mistake is thrown with the class that the package exports', () => {
  const config = {
    presets: { a: { width: 9, watermarks: ['logo'] } },
    watermarks: { logo: { type: 'image' as const, path: 'nowhere.png' } },
  };
  const make = () => new ImagePipeline(new cdk.Stack(new cdk.App(), 'Shop'), 'Photos', { config });
  expect(make).toThrow(ConfigMistakes);
  expect(make).toThrow('watermarks.logo.path: the file does not exist: nowhere.png');
});
`;

let made: Ended;
beforeAll(async () => {
  write(join(app, '.keep'), '');
  rmSync(join(app, '.keep'));
  const [packed, init] = await Promise.all([
    run(projectRoot, 'node', ['scripts/pack.ts', home]),
    run(app, 'cdk', ['init', 'app', '--language', 'typescript', '--generate-only'], quiet),
  ]);
  expect(packed.code, packed.stderr).toBe(0);
  made = init;
  const manifest = readFileSync(join(app, 'package.json'), 'utf8');
  cpSync(join(import.meta.dirname, 'cdk-init'), app, { recursive: true });
  const tools = await run(app, 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  expect(tools.code, tools.stderr).toBe(0);
  write(join(app, 'package.json'), manifest);
  await layTarball(app, packed.stdout.trim());
  linkCdk(app);
  write(join(app, 'lib/shop-stack.ts'), stack);
  write(join(app, 'test/shop.test.ts'), tests);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('an app of cdk init', () => {
  it('an app of cdk init is CommonJS and uses jest', () => {
    expect(made.code, made.stderr).toBe(0);
    const { type, scripts } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'));
    expect({ type, scripts }).toMatchObject({ type: undefined, scripts: { test: 'jest' } });
  });

  it('a jest test creates a pipeline', async () => {
    const { code, stderr } = await run(
      app,
      'npm',
      ['test', '--', `--testTimeout=${patience(60_000)}`],
      quiet,
    );
    expect(stderr).toContain('2 passed, 2 total');
    expect(code, stderr).toBe(0);
  });

  it('an app of cdk init type-checks and synthesises with a pipeline', async () => {
    const { code, stdout, stderr } = await run(app, 'cdk', ['synth', '--quiet', '--no-notices'], quiet);
    expect(code, stdout + stderr).toBe(0);
    const template = readFileSync(join(app, 'cdk.out/ShopStack.template.json'), 'utf8');
    expect(template).toContain('AWS::ApiGateway::RestApi');
  });
});
