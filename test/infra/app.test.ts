import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { sluiceApp } from '../../lib/app.ts';
import { ConfigMistakes } from '../../lib/config/resolve.ts';
import { appProps, plain, projectRoot, synthesise, temporaryFolder, unbuilt } from './synthesis.ts';

describe('the app', () => {
  it('has a data stack and a pipeline stack that know no account', () => {
    const { app } = synthesise();
    const { stacks } = app.synth();
    expect(stacks.map(({ stackName }) => stackName)).toEqual(['SluiceProdData', 'SluiceProdPipeline']);
    expect(stacks.map(({ environment }) => environment.account)).toEqual([
      'unknown-account',
      'unknown-account',
    ]);
  });

  it('names its stacks as it is told, so that two can live in one account', () => {
    const { app } = synthesise({ deploy: { name: 'Staging' } });
    expect(app.node.children.map(({ node }) => node.id)).toEqual(
      expect.arrayContaining(['StagingProdData', 'StagingProdPipeline']),
    );
  });

  it('passes CloudFormation’s own schemas without a finding', () => {
    const props = appProps(true);
    const app = new App(props);
    sluiceApp(app, plain, 'prod', { functions: unbuilt(plain) });
    app.synth();
    const report = readFileSync(join(props.outdir ?? '', 'validation-report.json'), 'utf8');
    expect(JSON.parse(report)).toMatchObject({ pluginReports: [] });
  }, 60_000);

  it('puts out what one needs next', () => {
    const { Outputs } = synthesise().pipeline.toJSON() as { Outputs: Record<string, unknown> };
    expect(Object.keys(Outputs)).toEqual(
      expect.arrayContaining([
        'Url',
        'RestApiId',
        'BucketName',
        'JobsQueueUrl',
        'DeadLettersUrl',
        'MigrateFunction',
        'MakeTenant',
        'Migrate',
      ]),
    );
  });

  it('refuses a cap above the connection budget with the arithmetic', () => {
    expect(() => synthesise({ process: { maxConcurrency: 60 } })).toThrow(ConfigMistakes);
    expect(() => synthesise({ process: { maxConcurrency: 60 } })).toThrow(
      /process 60 .* \+ api 40 .* \+ sweep 2 \+ migrate 1 \+ reserve 10 \+ superuser 3 = 116, but .* is 100\. Lower process\.maxConcurrency to 44/,
    );
  });

  it('refuses a visibility timeout below 6 × the function timeout with the arithmetic', () => {
    expect(() => synthesise({ process: { visibilityTimeoutSeconds: 120 } })).toThrow(
      'process.visibilityTimeoutSeconds: must be at least 6 × process.timeoutSeconds + ' +
        'process.batchWindowSeconds: 6 × 60 + 0 = 360 > 120',
    );
  });
});

describe('npm run synth', () => {
  /** Starts bin/sluice.ts of the project with another sluice.config.ts beside it. */
  function withConfig(source: string) {
    const root = temporaryFolder();
    mkdirSync(join(root, 'bin'));
    cpSync(join(projectRoot, 'bin/sluice.ts'), join(root, 'bin/sluice.ts'));
    for (const shared of ['lib', 'lambda', 'node_modules', 'package.json'])
      symlinkSync(join(projectRoot, shared), join(root, shared));
    writeFileSync(join(root, 'sluice.config.ts'), source);
    return spawnSync(process.execPath, ['bin/sluice.ts'], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, CDK_OUTDIR: join(root, 'cdk.out') },
    });
  }

  it('lists every mistake of a wrong configuration with its path, and no stack trace', () => {
    const { status, stderr } = withConfig(`export const config = {
      presets: { large: { width: '1600', watermarks: ['brand'] }, 'Not a name': { width: 1 } },
      process: { maxConcurrency: 80, visibilityTimeoutSeconds: 120 },
      misspelt: true,
    };`);
    expect(status).toBe(1);
    expect(stderr).toContain('sluice.config.ts has 6 mistakes:');
    for (const path of [
      'presets.large.width: ',
      'presets["Not a name"]',
      'config: Unrecognized key: "misspelt"',
      'presets.large.watermarks[0]: no watermark is named "brand"',
      'process.visibilityTimeoutSeconds: ',
      'database.maxConnections: ',
    ])
      expect(stderr).toContain(`  - ${path}`);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('says which watermark has no file, and where it was looked for', () => {
    const { status, stderr } = withConfig(`export const config = {
      presets: { small: { width: 320, watermarks: ['logo'] } },
      watermarks: { logo: { type: 'image', path: 'logo.png' } },
    };`);
    expect(status).toBe(1);
    expect(stderr).toContain('  - watermarks.logo.path: there is no such file: logo.png');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('says so, without a stack trace, where the configuration is no module', () => {
    const { status, stderr } = withConfig('export const config = {;');
    expect(status).toBe(1);
    expect(stderr).toContain('sluice.config.ts cannot be read: ');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('says so where there is no configuration at all', () => {
    const { status, stderr } = withConfig('export const settings = {};');
    expect(status).toBe(1);
    expect(stderr).toContain('sluice.config.ts');
    expect(stderr).toContain('config');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
