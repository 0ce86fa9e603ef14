import { RuleBroken } from '../rules/broken.ts';
import { requireCapacity } from '../rules/capacity.ts';
import { requireMemory } from '../rules/instance-memory.ts';
import { sandboxMistakes } from '../rules/sandbox.ts';
import { requireRoomToGrow } from '../rules/storage.ts';
import { visibilityTimeout } from '../rules/visibility.ts';
import { unknownWatermarks } from '../rules/watermarks.ts';
import { connectionBudget } from './budget.ts';
import { configSchema } from './schema.ts';

/**
 * All broken rules of a configuration as `path: message`. A rule is skipped only if a section that it reads is invalid,
 * so that one mistake does not hide another.
 * @param elsewhere the database is given, so none of the pipeline's own must fit.
 */
export function brokenRules(written: object, elsewhere = false): string[] {
  const { shape } = configSchema;
  const section = (name: keyof typeof shape): unknown => Reflect.get(written, name);
  const api = shape.api.safeParse(section('api')).data;
  const enqueue = shape.enqueue.safeParse(section('enqueue')).data ?? shape.enqueue.parse({});
  const process = shape.process.safeParse(section('process')).data;
  const database = shape.database.safeParse(section('database')).data;
  const presets = shape.presets.safeParse(section('presets')).data;
  const limits = shape.limits.safeParse(section('limits')).data;
  const inputs = shape.inputs.safeParse(section('inputs')).data;
  const own = elsewhere || database?.connection !== undefined ? undefined : database;
  return [
    ...unknownWatermarks(section('presets'), section('watermarks')),
    ...(process === undefined ? [] : caught(() => visibilityTimeout(process))),
    ...(process === undefined || presets === undefined || limits === undefined || inputs === undefined
      ? []
      : sandboxMistakes({ presets, limits, inputs, process })),
    ...(own?.engine !== 'aurora-serverless'
      ? []
      : caught(() => requireCapacity(own.capacity, own.maxConnections))),
    ...(own?.engine !== 'postgres'
      ? []
      : [...caught(() => requireRoomToGrow(own)), ...caught(() => requireMemory(own))]),
    ...(api === undefined || process === undefined || database === undefined
      ? []
      : caught(() => connectionBudget({ api, enqueue, process, database }))),
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
