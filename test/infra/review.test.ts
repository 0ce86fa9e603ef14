import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { stageConfig } from '../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { acknowledgements, maxAcknowledgements } from '../../lib/review/acknowledgements.ts';
import { packs } from '../../lib/review/review.ts';
import { settingAcknowledgements } from '../../lib/review/setting-acknowledgements.ts';
import { describeAcknowledgements } from '../../scripts/security/page.ts';
import { plain, projectRoot, stageApp } from './synthesis.ts';

const all = acknowledgements('prod');

/** Unacknowledged findings of the packs in an app, as `rule at path below the stack`. */
function findings(app: App): string[] {
  return packs().flatMap((pack) =>
    pack.validateScope(app).violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(
        ({ constructPath = '' }) =>
          // A logical id in the rule is that of the bucket, the only one in the list.
          `${ruleName.replace(/<\w+\.Arn>/, '<Images/Images/Bucket.Arn>')} at ${constructPath.replace(/^\w+\//, '')}`,
      ),
    ),
  );
}

/** All variants of a production stage; an acknowledgement may be needed by only one of them. */
const variants: Record<string, Partial<SluiceConfig>> = {
  'RDS for PostgreSQL': {},
  'Aurora Serverless': { database: { engine: 'aurora-serverless' } },
  'a proxy': { database: { proxy: true } },
  'counters in a cache': { counters: { store: 'valkey' } },
};

describe.each(Object.entries(variants))('a production stage with %s', (_, config) => {
  it('a production stage has no unacknowledged finding', () => {
    expect(findings(stageApp({ ...config, deploy: { review: true } }))).toEqual([]);
  });
});

describe('a stage in an account without reservable concurrency', () => {
  const config: Partial<SluiceConfig> = { deploy: { reservedConcurrency: false } };

  it('a stage without reserved concurrency passes the review', () => {
    expect(findings(stageApp({ deploy: { ...config.deploy, review: true } }))).toEqual([]);
  });

  it('a stage without reserved concurrency acknowledges exactly what the packs find', () => {
    const rules = new Set(findings(stageApp(config)).map((one) => one.replace(/ at .*/, '')));
    const covers = settingAcknowledgements(stageConfig({ ...plain, ...config }, 'prod')).flatMap(
      (one) => one.covers,
    );
    expect(covers).not.toEqual([]);
    expect(covers.filter(({ rule }) => !rules.has(rule))).toEqual([]);
  });
});

it('a production stage with default settings acknowledges nothing by its settings', () => {
  expect(settingAcknowledgements(stageConfig(plain, 'prod'))).toEqual([]);
});

describe('the acknowledgements', () => {
  const found = Object.values(variants).flatMap((config) => findings(stageApp(config)));
  const pairs = all.flatMap(({ covers }) =>
    covers.flatMap(({ rule, at }) => at.map((path) => [rule, path] as const)),
  );

  it('there are at most twelve acknowledgements', () => {
    expect(maxAcknowledgements).toBe(12);
    expect(all.length).toBeLessThanOrEqual(maxAcknowledgements);
  });

  it.each(pairs)('the acknowledgement of %s at %s is needed: without it there is a finding', (rule, path) => {
    const [finding] = found.filter((one) => `${one}/`.startsWith(`${rule} at ${path}/`));
    expect(finding).toBeDefined();
  });

  it('docs/security.md has the current acknowledgements: npm run security', () => {
    const document = readFileSync(join(projectRoot, 'docs/security.md'), 'utf8');
    expect(document).toBe(describeAcknowledgements(document));
  });

  it('docs/security.md counts the acknowledgements and their findings in a default stage', () => {
    const plain = findings(stageApp());
    const rules = new Set(plain.map((one) => one.replace(/(?:\[| at ).*/, '')));
    const figures = `${all.length} decisions, of ${maxAcknowledgements} allowed, for ${plain.length} single findings of ${rules.size} rules`;
    expect(readFileSync(join(projectRoot, 'docs/security.md'), 'utf8')).toContain(figures);
  });

  it('no finding is acknowledged twice', () => {
    expect(new Set(pairs.map((pair) => pair.join())).size).toBe(pairs.length);
  });

  it.each(all.map(({ title, reason }) => [title, reason]))(
    'the acknowledgement “%s” names existing evidence',
    (_, reason) => {
      const files = reason.match(/\b(?:lib|lambda|test|docs)\/[\w./-]+\.(?:ts|md)/g) ?? [];
      expect(files).not.toEqual([]);
      expect(files.filter((file) => !existsSync(join(projectRoot, file)))).toEqual([]);
    },
  );
});

describe('cdk synth', () => {
  /** An app with a bucket next to the pipeline. */
  function withBucket(stage: string, deploy: SluiceConfig['deploy'] = { review: true }): App {
    const app = stageApp({ deploy }, {}, stage);
    const [pipeline] = app.node.children.filter((one) => one.node.id.endsWith('Pipeline')) as Stack[];
    new Bucket(pipeline as Stack, 'Beside');
    return app;
  }

  it('cdk synth fails on an unacknowledged finding with its rule and construct', () => {
    const app = withBucket('prod');
    expect(() => app.synth()).toThrow(
      /server access logs disabled[\s\S]*SluiceProdPipeline\/Beside\/Resource/,
    );
    const report = readFileSync(join(app.outdir, 'validation-report.json'), 'utf8');
    expect(report).toContain('AwsSolutions-S1');
    // An acknowledgement applies to its place only.
    expect(report).toContain('NIST.800.53.R5-S3BucketVersioningEnabled');
  });

  it('cdk synth runs the packs in another stage that keeps its data', () => {
    const staging = (multiAz: boolean) =>
      stageApp({ database: { multiAz }, deploy: { review: true }, stages: { staging: {} } }, {}, 'staging');
    expect(findings(staging(true))).toEqual([]);
    expect(() => staging(false).synth()).toThrow('does not have multi-AZ support');
  });

  it('cdk synth skips the packs in a disposable stage', () => {
    expect(() => withBucket('dev', {}).synth()).not.toThrow();
  });
});
