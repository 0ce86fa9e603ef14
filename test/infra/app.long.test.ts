import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { sluiceApp } from '../../lib/app.ts';
import { appProps, plain, unbuilt } from './synthesis.ts';
import { withConfig } from './with-config.ts';

describe('the app', () => {
  it('the app passes CloudFormation’s own schemas without a finding', () => {
    const props = appProps(true);
    const app = new App(props);
    sluiceApp(app, plain, 'prod', { functions: unbuilt(plain) });
    app.synth();
    const report = readFileSync(join(props.outdir ?? '', 'validation-report.json'), 'utf8');
    expect(JSON.parse(report)).toMatchObject({ pluginReports: [] });
  });
});

describe('npm run synth', () => {
  it('npm run synth names the watermark whose file is missing, and where it was searched', () => {
    const { status, stderr } = withConfig(`export const config = {
      presets: { small: { width: 320, watermarks: ['logo'] } },
      watermarks: { logo: { type: 'image', path: 'logo.png' } },
    };`);
    expect(status).toBe(1);
    expect(stderr).toContain('  - watermarks.logo.path: the file does not exist: logo.png');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('npm run synth reports a configuration that is not a module, without a stack trace', () => {
    const { status, stderr } = withConfig('export const config = {;');
    expect(status).toBe(1);
    expect(stderr).toContain('sluice.config.ts cannot be read: ');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('npm run synth reports a missing configuration', () => {
    const { status, stderr } = withConfig('export const settings = {};');
    expect(status).toBe(1);
    expect(stderr).toContain('sluice.config.ts');
    expect(stderr).toContain('config');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
