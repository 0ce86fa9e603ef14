import { Duration, Lazy, RemovalPolicy, Size } from 'aws-cdk-lib';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import type { ExistingResources } from '../../lib/props/existing-resources.ts';
import { resolveSettings } from '../../lib/props/resolve-settings.ts';
import type { PipelineSettings } from '../../lib/props/settings.ts';
import { configMistakes } from '../support/config-mistakes.ts';
import { elsewhere, ownStack, pipelineIn } from './own-app.ts';
import { plain } from './synthesis.ts';

const every: Required<PipelineSettings> = {
  api: { timeout: Duration.seconds(20), memory: Size.gibibytes(1) },
  process: {
    timeout: Duration.minutes(2),
    memory: Size.mebibytes(3008),
    batchWindow: Duration.seconds(5),
    visibilityTimeout: Duration.minutes(20),
  },
  uploads: {
    ticketLifetime: Duration.hours(1),
    downloadLifetime: Duration.hours(2),
    maxDirectSize: Size.mebibytes(3),
  },
  limits: {
    maxSize: Size.mebibytes(30),
    maxProfileSize: Size.mebibytes(2),
    decodeTimeout: Duration.millis(30_500),
  },
  retention: {
    idempotency: Duration.hours(12),
    originals: Duration.days(30),
    variants: Duration.days(365),
    expired: Duration.days(2),
    superseded: Duration.days(3),
    rejected: Duration.days(10),
    failed: Duration.days(20),
    ready: Duration.days(700),
  },
  storage: { size: Size.gibibytes(40), maxSize: Size.tebibytes(1), backups: Duration.days(7) },
  logRetention: RetentionDays.THREE_MONTHS,
  removalPolicy: RemovalPolicy.DESTROY,
  architecture: Architecture.X86_64,
};
/** The same in sluice.config.ts. */
const same: SluiceConfig = {
  ...plain,
  api: { timeoutSeconds: 20, memoryMb: 1024 },
  process: { timeoutSeconds: 120, memoryMb: 3008, batchWindowSeconds: 5, visibilityTimeoutSeconds: 1200 },
  uploads: { ticketSeconds: 3600, downloadSeconds: 7200, maxDirectBytes: 3 * 2 ** 20 },
  limits: { maxBytes: 30 * 2 ** 20, maxProfileBytes: 2 * 2 ** 20, decodeTimeoutMs: 30_500 },
  retention: {
    idempotencySeconds: 43_200,
    originalsDays: 30,
    variantsDays: 365,
    rows: { expiredDays: 2, supersededDays: 3, rejectedDays: 10, failedDays: 20, readyDays: 700 },
  },
  database: { storageGb: 40, maxStorageGb: 1024, backupDays: 7 },
  deploy: { logDays: 90, removal: 'destroy', architecture: 'x64' },
};

const stack = ownStack();

function mistakesOf(
  settings: PipelineSettings,
  config: SluiceConfig = plain,
  parts: ExistingResources = {},
): string[] {
  return configMistakes(() => resolveSettings(config, { ...settings, ...parts }, stack));
}

describe('settings in the types of the CDK', () => {
  it('settings in CDK types equal their numbers in the configuration', () => {
    expect(resolveSettings(plain, every, stack)).toEqual(resolveConfig(same));
  });

  it('private addresses of webhooks are refused, because only the local runner may call them', () => {
    const mistakes = (allowPrivate: boolean) =>
      configMistakes(() => resolveSettings({ ...plain, webhooks: { allowPrivate } }, {}, stack));
    expect(mistakes(false)).toEqual([]);
    expect(mistakes(true)).toEqual([
      expect.stringMatching(/^webhooks\.allowPrivate: is for the local runner and tests/),
    ]);
    const synth = () => pipelineIn(ownStack(), { ...elsewhere, webhooks: { allowPrivate: true } });
    expect(synth).toThrow('webhooks.allowPrivate');
  });

  it('settings combine with the rest of the configuration without changing it', () => {
    const config: SluiceConfig = { ...plain, process: { maxConcurrency: 4 } };
    expect(resolveSettings(config, { process: { memory: Size.gibibytes(2) } }, stack).process).toMatchObject({
      maxConcurrency: 4,
      memoryMb: 2048,
    });
    expect(config.process).toEqual({ maxConcurrency: 4 });
  });

  it.each([
    [RemovalPolicy.RETAIN, 'retain'],
    [RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, 'retain'],
    [RemovalPolicy.DESTROY, 'destroy'],
  ])('the removal policy %s is %s', (removalPolicy, expected) => {
    expect(resolveSettings(plain, { removalPolicy }, stack).deploy.removal).toBe(expected);
  });

  it('settings given twice are mistakes that name both paths', () => {
    const mistakes = mistakesOf(every, same);
    expect(mistakes).toHaveLength(26);
    expect(mistakes).toContain(
      'process.timeout and config.process.timeoutSeconds: the same value is given twice',
    );
    expect(mistakes).toContain(
      'retention.failed and config.retention.rows.failedDays: the same value is given twice',
    );
  });

  it.each<[PipelineSettings, string]>([
    [{ process: { timeout: Duration.millis(1500) } }, 'process.timeout: must be whole seconds'],
    [{ retention: { originals: Duration.hours(36) } }, 'retention.originals: must be whole days'],
    [{ api: { memory: Size.kibibytes(1500) } }, 'api.memory: must be whole mebibytes'],
    [{ storage: { size: Size.mebibytes(1500) } }, 'storage.size: must be whole gibibytes'],
    [
      { api: { timeout: Duration.seconds(Lazy.number({ produce: () => 3 })) } },
      'api.timeout: must be whole seconds that are known at synth',
    ],
    [{ removalPolicy: RemovalPolicy.SNAPSHOT }, 'removalPolicy: must be DESTROY or RETAIN, not SNAPSHOT'],
    [{ architecture: Architecture.custom('riscv') }, 'architecture: must be ARM_64 or X86_64, not riscv'],
    [{ logRetention: RetentionDays.INFINITE }, 'logRetention: Invalid'],
    [
      { api: { timeout: Duration.minutes(2) } },
      'api.timeout: API Gateway ends a request after 29 s: 120 > 29',
    ],
    [
      { process: { visibilityTimeout: Duration.minutes(1) } },
      'process.visibilityTimeout: must be at least 6 ×',
    ],
  ])('an invalid setting is a mistake with its own path: %#', (settings, expected) => {
    const [only, ...others] = mistakesOf(settings);
    expect(only).toContain(expected);
    expect(others).toEqual([]);
  });

  it('all mistakes are reported at once, including those of configuration and resources', () => {
    const settings = { process: { timeout: Duration.millis(1) }, api: { timeout: Duration.hours(1) } };
    const config = { presets: {}, api: { timeoutSeconds: 14 } };
    expect(mistakesOf(settings, config, { vpcSubnets: {} })).toEqual([
      expect.stringMatching(/^vpcSubnets: requires/),
      expect.stringMatching(/^api.timeout and config/),
      expect.stringMatching(/^process.timeout: must/),
      expect.stringMatching(/^presets: needs/),
    ]);
  });

  it('settings of a new database are rejected for an existing one, whose size is not checked', () => {
    const { database } = pipelineIn(ownStack());
    // More than the t4g.small of a new database supports.
    const config: SluiceConfig = { ...plain, database: { maxConnections: 400 } };
    expect(mistakesOf({}, config)).toEqual([expect.stringMatching(/^database.instance: /)]);
    expect(mistakesOf({}, config, { database })).toEqual([]);
    const storage = { storage: { size: Size.gibibytes(50) } };
    const mistake =
      'storage: applies only to a database that the pipeline creates, but an existing one is given';
    expect(mistakesOf(storage, config, { database })).toEqual([mistake]);
    expect(mistakesOf(storage, { ...plain, ...elsewhere })).toEqual([mistake]);
  });

  it('settings reach the template, and their mistakes name the pipeline', () => {
    const stack = ownStack();
    const pipeline = pipelineIn(stack, elsewhere, { process: { timeout: Duration.seconds(30) } });
    expect(pipeline.functions.process.function.timeout?.toSeconds()).toBe(30);
    expect(() => pipelineIn(stack, elsewhere, { api: { timeout: Duration.hours(1) } }, 'Other')).toThrow(
      'The configuration of Shop/Other has one mistake:\n  - api.timeout: API Gateway ends a request',
    );
  });
});
