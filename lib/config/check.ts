import { RuleBroken } from '../rules/broken.ts';
import { requireCapacity } from '../rules/capacity.ts';
import { decoderMistakes } from '../rules/decoder.ts';
import { requireMemory } from '../rules/instance-memory.ts';
import { requireRoomToGrow } from '../rules/storage.ts';
import { visibilityTimeout } from '../rules/visibility.ts';
import { unknownWatermarks } from '../rules/watermarks.ts';
import { connectionBudget } from './budget.ts';
import { configSchema } from './schema.ts';

/**
 * Every broken rule of a configuration as `path: message`. Takes what a person wrote: a rule is left out only
 * where a section that it reads is itself mistaken, so that one mistake does not hide another.
 */
export function brokenRules(written: object): string[] {
  const { shape } = configSchema;
  const section = (name: keyof typeof shape): unknown => Reflect.get(written, name);
  const api = shape.api.safeParse(section('api')).data;
  const process = shape.process.safeParse(section('process')).data;
  const database = shape.database.safeParse(section('database')).data;
  const presets = shape.presets.safeParse(section('presets')).data;
  const limits = shape.limits.safeParse(section('limits')).data;
  const inputs = shape.inputs.safeParse(section('inputs')).data;
  return [
    ...unknownWatermarks(section('presets'), section('watermarks')),
    ...(process === undefined ? [] : caught(() => visibilityTimeout(process))),
    ...(process === undefined || presets === undefined || limits === undefined || inputs === undefined
      ? []
      : decoderMistakes({ presets, limits, inputs, process })),
    ...(database?.engine !== 'aurora-serverless' || database.connection !== undefined
      ? []
      : caught(() => requireCapacity(database.capacity, database.maxConnections))),
    ...(database?.engine !== 'postgres' || database.connection !== undefined
      ? []
      : [...caught(() => requireRoomToGrow(database)), ...caught(() => requireMemory(database))]),
    ...(api === undefined || process === undefined || database === undefined
      ? []
      : caught(() => connectionBudget({ api, process, database }))),
  ].map(({ path, message }) => `${path}: ${message}`);
}

function caught(check: () => unknown): RuleBroken[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof RuleBroken) return [error];
    throw error;
  }
}
