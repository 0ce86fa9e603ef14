import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { stageConfig } from '../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { acknowledgements, maxAcknowledgements } from '../../lib/review/acknowledgements.ts';
import { chosen } from '../../lib/review/chosen.ts';
import { describeAcknowledgements } from '../../lib/review/described.ts';
import { packs } from '../../lib/review/review.ts';
import { plain, projectRoot, stageApp } from './synthesis.ts';

const all = acknowledgements('prod');

/** What the packs find in an app and nobody has acknowledged, as `rule at path below the stack`. */
function findings(app: App): string[] {
  return packs().flatMap((pack) =>
    pack.validateScope(app).violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(
        ({ constructPath = '' }) =>
          // A logical id in the rule is the bucket's, the only one that the list names.
          `${ruleName.replace(/<\w+\.Arn>/, '<Images/Images/Bucket.Arn>')} at ${constructPath.replace(/^\w+\//, '')}`,
      ),
    ),
  );
}

/** Whatever a stage in production can consist of; an acknowledgement may be needed by one of them only. */
const variants: Record<string, Partial<SluiceConfig>> = {
  'RDS for PostgreSQL': {},
  'Aurora Serverless': { database: { engine: 'aurora-serverless' } },
  'a proxy': { database: { proxy: true } },
};

describe.each(Object.entries(variants))('a stage in production with %s', (_, config) => {
  it('has no finding that is not acknowledged', () => {
    expect(findings(stageApp({ ...config, deploy: { review: true } }))).toEqual([]);
  });
});

describe('a stage in an account that lets nothing be reserved', () => {
  const config: Partial<SluiceConfig> = { deploy: { reservedConcurrency: false } };

  it('is synthesised with the review on', () => {
    expect(findings(stageApp({ deploy: { ...config.deploy, review: true } }))).toEqual([]);
  });

  it('acknowledges for that what the packs find, and no more', () => {
    const rules = new Set(findings(stageApp(config)).map((one) => one.replace(/ at .*/, '')));
    const covers = chosen(stageConfig({ ...plain, ...config }, 'prod')).flatMap((one) => one.covers);
    expect(covers).not.toEqual([]);
    expect(covers.filter(({ rule }) => !rules.has(rule))).toEqual([]);
  });
});

it('a stage in production as it comes acknowledges nothing by its settings', () => {
  expect(chosen(stageConfig(plain, 'prod'))).toEqual([]);
});

describe('the acknowledgements', () => {
  const found = Object.values(variants).flatMap((config) => findings(stageApp(config)));
  const pairs = all.flatMap(({ covers }) =>
    covers.flatMap(({ rule, at }) => at.map((path) => [rule, path] as const)),
  );

  it('are twelve at the most', () => {
    expect(maxAcknowledgements).toBe(12);
    expect(all.length).toBeLessThanOrEqual(maxAcknowledgements);
  });

  it.each(pairs)('%s at %s is still needed: without it there is a finding', (rule, path) => {
    const [finding] = found.filter((one) => `${one}/`.startsWith(`${rule} at ${path}/`));
    expect(finding).toBeDefined();
  });

  it('are told in docs/security.md as they are (node scripts/security.ts)', () => {
    const document = readFileSync(join(projectRoot, 'docs/security.md'), 'utf8');
    expect(document).toBe(describeAcknowledgements(document));
  });

  it('are counted there, with what they cover in a stage as it comes', () => {
    const plain = findings(stageApp());
    const rules = new Set(plain.map((one) => one.replace(/(?:\[| at ).*/, '')));
    const figures = `${all.length} decisions, of ${maxAcknowledgements} allowed, for ${plain.length} single findings of ${rules.size} rules`;
    expect(readFileSync(join(projectRoot, 'docs/security.md'), 'utf8')).toContain(figures);
  });

  it('say each finding once', () => {
    expect(new Set(pairs.map((pair) => pair.join())).size).toBe(pairs.length);
  });

  it.each(all.map(({ title, reason }) => [title, reason]))(
    '“%s” names evidence that is there',
    (_, reason) => {
      const files = reason.match(/\b(?:lib|lambda|test|docs)\/[\w./-]+\.(?:ts|md)/g) ?? [];
      expect(files).not.toEqual([]);
      expect(files.filter((file) => !existsSync(join(projectRoot, file)))).toEqual([]);
    },
  );
});

describe('cdk synth', () => {
  /** An app with a bucket that somebody put beside the pipeline. */
  function withBucket(stage: string, deploy: SluiceConfig['deploy'] = { review: true }): App {
    const app = stageApp({ deploy }, {}, stage);
    const [pipeline] = app.node.children.filter((one) => one.node.id.endsWith('Pipeline')) as Stack[];
    new Bucket(pipeline as Stack, 'Beside');
    return app;
  }

  it('fails on a finding that nobody has acknowledged, and says which rule and where', () => {
    const app = withBucket('prod');
    expect(() => app.synth()).toThrow(
      /server access logs disabled[\s\S]*SluiceProdPipeline\/Beside\/Resource/,
    );
    const report = readFileSync(join(app.outdir, 'validation-report.json'), 'utf8');
    expect(report).toContain('AwsSolutions-S1');
    // What is acknowledged is so in its place only.
    expect(report).toContain('NIST.800.53.R5-S3BucketVersioningEnabled');
  });

  it('asks the packs in a stage of one’s own, which keeps its data', () => {
    const staging = (multiAz: boolean) =>
      stageApp({ database: { multiAz }, deploy: { review: true }, stages: { staging: {} } }, {}, 'staging');
    expect(findings(staging(true))).toEqual([]);
    expect(() => staging(false).synth()).toThrow('does not have multi-AZ support');
  });

  it('does not ask them in a stage that is there to be thrown away', () => {
    expect(() => withBucket('dev', {}).synth()).not.toThrow();
  });
});
