import { describe, expect, it } from 'vitest';
import { connectionBudget } from '../../../lib/config/budget.ts';
import { resolveConfig, stageConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { configMistakes } from '../../support/config-mistakes.ts';

const plain: SluiceConfig = { presets: { small: { width: 320 } } };

/** The mistakes in a configuration whose types were not checked. */
function mistakes(written: unknown): string[] {
  return configMistakes(() => resolveConfig(written as SluiceConfig));
}

describe('a stage', () => {
  const config: SluiceConfig = {
    ...plain,
    deploy: { logDays: 90 },
    database: { reserve: 5 },
    stages: {
      dev: { process: { maxConcurrency: 2 } },
      load: { database: { maxConnections: 400, instance: 't4g.medium' } },
    },
  };

  it('a stage changes single fields and leaves the rest of a section', () => {
    const load = stageConfig(config, 'load');
    expect(load.database).toMatchObject({ maxConnections: 400, reserve: 5 });
    expect(load.deploy).toMatchObject({ stage: 'load', logDays: 90, removal: 'retain' });
    expect(stageConfig(config, 'dev').process.maxConcurrency).toBe(2);
  });

  it('a stage retains data by default, and dev is disposable', () => {
    expect(stageConfig(plain, 'prod')).toMatchObject({
      deploy: { removal: 'retain', logDays: 365, firewall: true },
      database: { deletionProtection: true, multiAz: true, backupDays: 14 },
    });
    expect(stageConfig(plain, 'dev')).toMatchObject({
      deploy: { removal: 'destroy', firewall: false },
      database: { deletionProtection: false, multiAz: false },
    });
  });

  it('dev is cheap: the smallest server, endpoints in one zone, and no secret', () => {
    const dev = stageConfig(plain, 'dev');
    expect(dev.database).toMatchObject({ instance: 't4g.micro', endpointZones: 1, ownerLogin: 'iam' });
    // 4 (process) + 2 × 5 (api) + 15 of the other functions + 10 + 3 of them are used.
    expect(connectionBudget(dev)).toMatchObject({ total: 42, available: 80 });
  });

  it('dev has no event bus of its own, unless the file asks for one', () => {
    expect(stageConfig(plain, 'dev').events.eventBridge).toBe(false);
    expect(stageConfig({ ...plain, events: { keepDays: 3 } }, 'dev').events.eventBridge).toBe(false);
    expect(stageConfig(plain, 'prod').events.eventBridge).toEqual({ archiveDays: 30 });
    const own = { events: { eventBridge: { archiveDays: 3 } } };
    expect(stageConfig({ ...plain, ...own }, 'dev').events.eventBridge).toEqual({ archiveDays: 3 });
    const { events } = stageConfig({ ...plain, stages: { dev: { events: { eventBridge: {} } } } }, 'dev');
    expect(events.eventBridge).toEqual({ archiveDays: 30 });
  });

  it('a stage of the app sets the role for the gateway’s logs, and the construct by itself does not', () => {
    for (const stage of ['dev', 'prod', 'load', 'localstack'])
      expect(stageConfig(config, stage).deploy.gatewayLogRole).toBe(true);
    expect(resolveConfig(plain).deploy.gatewayLogRole).toBe(false);
  });

  it('the file overrides the defaults of a stage, except what LocalStack needs', () => {
    expect(stageConfig(config, 'prod').deploy.logDays).toBe(90);
    const arm: SluiceConfig = { ...plain, deploy: { architecture: 'arm64', logDays: 90 } };
    expect(stageConfig(arm, 'localstack').deploy).toMatchObject({ architecture: 'host', logDays: 1 });
  });

  it('an unknown stage is refused with the list of known ones', () => {
    expect(() => stageConfig(config, 'live')).toThrow(
      'stages: there is no stage "live", only dev, prod, localstack, load',
    );
  });

  it.each([
    ['stages.dev.process.maxConcurrency', { dev: { process: { maxConcurrency: 1 } } }],
    ['stages.dev.database.maxConnections', { dev: { process: { maxConcurrency: 90 } } }],
    ['stages.dev.config', { dev: { proces: {} } }],
    ['stages["Not a name"]', { 'Not a name': {} }],
    ['stages.dev', { dev: 'small' }],
  ])('a mistake in a stage is reported with its path: %s', (path, stages) => {
    expect(mistakes({ ...plain, stages })).toEqual([expect.stringMatching(`^${escaped(path)}: `)]);
  });
});

const escaped = (path: string) => path.replaceAll(/[.[\]]/g, '\\$&');
