import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { sluiceApp } from '../../lib/app.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { appProps, plain, unbuilt } from './synthesis.ts';
import { withConfig } from './with-config.ts';

type Kafka = NonNullable<NonNullable<SluiceConfig['events']>['kafka']>;
const own: Kafka = { brokers: ['kafka.example.com:9092'] };
const msk: Kafka = {
  brokers: ['b-1.images.kafka.eu-west-1.amazonaws.com:9098'],
  clusterArn: 'arn:aws:kafka:eu-west-1:111122223333:cluster/images/0f1e2d3c-0000-4000-8000-000000000000-1',
};
const secretArn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:AmazonMSK_images-abcdef';
const pollers = { subnetIds: ['subnet-0a1b2c3d'], securityGroupId: 'sg-0a1b2c3d' };
const withKafka = (kafka: Kafka): Partial<SluiceConfig> => ({ events: { kafka } });

describe('the app', () => {
  it.each<[string, Partial<SluiceConfig>]>([
    ['by default', {}],
    ['Kafka without a login', withKafka(own)],
    ['Kafka in a VPC without a login', withKafka({ ...own, pollers })],
    ['Kafka with PLAIN', withKafka({ ...own, login: { kind: 'plain', secretArn } })],
    ['Kafka with SCRAM', withKafka({ ...own, login: { kind: 'scram', secretArn }, pollers })],
    ['MSK without a login', withKafka(msk)],
    ['MSK with IAM', withKafka({ ...msk, login: { kind: 'iam' } })],
    ['MSK with SCRAM', withKafka({ ...msk, login: { kind: 'scram', secretArn } })],
    ['without EventBridge', { events: { eventBridge: false } }],
    ['Aurora behind a proxy', { database: { engine: 'aurora-serverless', proxy: true } }],
    ['a cache for the counters', { counters: { store: 'valkey' } }],
  ])('the app passes CloudFormation’s own schemas without a finding (%s)', (_, config) => {
    const props = appProps(true);
    const app = new App(props);
    const whole: SluiceConfig = { ...plain, ...config, deploy: { review: false, ...config.deploy } };
    sluiceApp(app, whole, 'prod', { functions: unbuilt(whole) });
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
