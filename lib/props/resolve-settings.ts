import type { Stack } from 'aws-cdk-lib';
import type { Elsewhere } from '../config/check.ts';
import { ConfigMistakes, resolveConfig } from '../config/resolve.ts';
import type { ResolvedConfig, SluiceConfig } from '../config/schema.ts';
import { isServer } from '../data/existing-server.ts';
import {
  bytes,
  ConversionError,
  cpu,
  days,
  gibibytes,
  mebibytes,
  milliseconds,
  removal,
  seconds,
} from './conversions.ts';
import { environmentMistakes } from './environments.ts';
import { type ExistingResources, resourceMistakes } from './existing-resources.ts';
import type { PipelineSettings, SettingPath } from './settings.ts';

/** The configuration path and unit of each setting. A missing setting does not compile. */
const places: { [Path in SettingPath]: readonly [place: string, unit: (value: never) => unknown] } = {
  'api.timeout': ['api.timeoutSeconds', seconds],
  'api.memory': ['api.memoryMb', mebibytes],
  'process.timeout': ['process.timeoutSeconds', seconds],
  'process.memory': ['process.memoryMb', mebibytes],
  'process.batchWindow': ['process.batchWindowSeconds', seconds],
  'process.visibilityTimeout': ['process.visibilityTimeoutSeconds', seconds],
  'uploads.ticketLifetime': ['uploads.ticketSeconds', seconds],
  'uploads.downloadLifetime': ['uploads.downloadSeconds', seconds],
  'uploads.maxDirectSize': ['uploads.maxDirectBytes', bytes],
  'limits.maxSize': ['limits.maxBytes', bytes],
  'limits.maxProfileSize': ['limits.maxProfileBytes', bytes],
  'limits.decodeTimeout': ['limits.decodeTimeoutMs', milliseconds],
  'retention.idempotency': ['retention.idempotencySeconds', seconds],
  'retention.originals': ['retention.originalsDays', days],
  'retention.variants': ['retention.variantsDays', days],
  'retention.expired': ['retention.rows.expiredDays', days],
  'retention.superseded': ['retention.rows.supersededDays', days],
  'retention.rejected': ['retention.rows.rejectedDays', days],
  'retention.failed': ['retention.rows.failedDays', days],
  'retention.ready': ['retention.rows.readyDays', days],
  'storage.size': ['database.storageGb', gibibytes],
  'storage.maxSize': ['database.maxStorageGb', gibibytes],
  'storage.backups': ['database.backupDays', days],
  logRetention: ['deploy.logDays', (count: number) => count],
  removalPolicy: ['deploy.removal', removal],
  architecture: ['deploy.architecture', cpu],
};

/**
 * Merges the settings into the configuration and validates the result, together with the existing resources.
 * @param stack the pipeline's stack.
 * @throws ConfigMistakes with all mistakes, each with the path under which its value was given.
 */
export function resolveSettings(
  config: SluiceConfig,
  props: PipelineSettings & ExistingResources,
  stack: Stack,
): ResolvedConfig {
  const mistakes = [...resourceMistakes(props, config, props), ...environmentMistakes(stack, props)];
  const translated = structuredClone(config);
  const given = new Map<string, string>();
  for (const [path, [place, unit]] of Object.entries(places)) {
    const value = at(props, path);
    if (value === undefined) continue;
    if (at(config, place) !== undefined) {
      mistakes.push(`${path} and config.${place}: the same value is given twice`);
      continue;
    }
    given.set(place, path);
    try {
      put(translated, place, unit(value as never));
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      mistakes.push(`${path}: ${error.message}`);
    }
  }
  let whole: ResolvedConfig | undefined;
  try {
    whole = resolveConfig(translated, elsewhere(props));
  } catch (error) {
    if (!(error instanceof ConfigMistakes)) throw error;
    mistakes.push(...error.mistakes.map((mistake) => renamed(mistake, given)));
  }
  if (whole?.webhooks.allowPrivate)
    mistakes.push(
      'webhooks.allowPrivate: is for the local runner and tests; a deployment would let tenants reach what only AWS and its own network may',
    );
  if (whole === undefined || mistakes.length > 0) throw new ConfigMistakes(mistakes);
  return whole;
}

/** What the rules need of a database that is passed as a prop. */
function elsewhere({ database }: ExistingResources): Elsewhere | undefined {
  return database && { pooled: !isServer(database) && database.pooled === true };
}

/** Reports a mistake under the path of the setting that supplied the value. */
function renamed(mistake: string, given: ReadonlyMap<string, string>): string {
  const [place = '', ...rest] = mistake.split(': ');
  return [given.get(place) ?? place, ...rest].join(': ');
}

function at(whole: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (part, key) => (part === undefined || part === null ? undefined : Reflect.get(Object(part), key)),
      whole,
    );
}

/** Leaves a value that is not a section in place: the schema reports it. */
function put(whole: object, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() ?? path;
  let section = whole;
  for (const key of keys) {
    const below: unknown = Reflect.get(section, key) ?? {};
    if (typeof below !== 'object' || below === null) return;
    Reflect.set(section, key, below);
    section = below;
  }
  Reflect.set(section, last, value);
}
