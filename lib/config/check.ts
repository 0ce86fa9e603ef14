import type { z } from 'zod';
import { backlogMistakes } from '../rules/backlog.ts';
import { RuleBroken } from '../rules/broken.ts';
import { requireCapacity } from '../rules/capacity.ts';
import { unreachableCache } from '../rules/counters.ts';
import { requireMemory } from '../rules/instance-memory.ts';
import { keepingMistakes } from '../rules/keeping.ts';
import { unusablePlans } from '../rules/plans.ts';
import { receiveMistakes } from '../rules/receives.ts';
import { requireServed } from '../rules/request-rate.ts';
import { requireReserve } from '../rules/reserve.ts';
import { sandboxMistakes } from '../rules/sandbox.ts';
import { requireRoomToGrow } from '../rules/storage.ts';
import { apiTimeMistakes, batchTimeMistakes } from '../rules/times.ts';
import { visibilityTimeout } from '../rules/visibility.ts';
import { unknownWatermarks } from '../rules/watermarks.ts';
import { connectionBudget, isPooled } from './budget.ts';
import { configSchema, type ParsedConfig, type ResolvedConfig } from './schema.ts';
import { solve, solved } from './solve.ts';

/** A database that is given outside the configuration: none of the pipeline's own must fit. */
export interface Elsewhere {
  /** It lends connections for a transaction. */
  pooled: boolean;
}

type Section = keyof typeof configSchema.shape;
interface Rule {
  /** The sections that it reads. */
  reads: readonly Section[];
  mistakes: (config: ResolvedConfig) => RuleBroken[];
}

/**
 * All broken rules of a configuration as `path: message`. A rule is skipped only if a section that it reads is invalid,
 * so that one mistake does not hide another.
 */
export function brokenRules(written: object, elsewhere?: Elsewhere): string[] {
  const sections = Object.entries(configSchema.shape).map(
    ([name, schema]) => [name, (schema as z.ZodType).safeParse(Reflect.get(written, name))] as const,
  );
  const invalid = new Set<string>(sections.flatMap(([name, { success }]) => (success ? [] : [name])));
  // Instead of an invalid section the solver reads its defaults.
  const parsed = Object.fromEntries(
    sections.map(([name, { data }]) => [
      name,
      data ?? configSchema.shape[name as Section].safeParse({}).data,
    ]),
  ) as unknown as ParsedConfig;
  const pooled = elsewhere?.pooled ?? isPooled(parsed.database);
  const config = solved(parsed, solve(parsed, pooled));
  const presets = Reflect.get(written, 'presets');
  return [
    ...unknownWatermarks(presets, Reflect.get(written, 'watermarks')),
    ...rulesFor(elsewhere, pooled)
      .filter(({ reads }) => !reads.some((name) => invalid.has(name)))
      .flatMap(({ mistakes }) => mistakes(config)),
  ].map(({ path, message }) => `${path}: ${message}`);
}

function rulesFor(elsewhere: Elsewhere | undefined, pooled: boolean): Rule[] {
  const isOwn = ({ connection }: ResolvedConfig['database']) =>
    elsewhere === undefined && connection === undefined;
  return [
    { reads: ['process'], mistakes: ({ process }) => caught(() => visibilityTimeout(process)) },
    {
      reads: ['process'],
      mistakes: ({ process }) => [
        ...batchTimeMistakes(process),
        ...receiveMistakes(process, process.visibilityTimeoutSeconds ?? visibilityTimeout(process)),
      ],
    },
    { reads: ['presets', 'limits', 'inputs', 'process'], mistakes: sandboxMistakes },
    {
      reads: ['database'],
      mistakes: ({ database }) => [
        ...caught(() => requireReserve(database.reserve)),
        ...(isOwn(database) ? ownServerMistakes(database) : []),
      ],
    },
    { reads: ['api'], mistakes: ({ api }) => apiTimeMistakes(api) },
    {
      reads: ['api', 'deploy'],
      mistakes: ({ api, deploy }) => caught(() => requireServed(api, deploy.requestsPerSecond)),
    },
    { reads: ['admission', 'process', 'enqueue', 'uploads'], mistakes: backlogMistakes },
    {
      reads: ['counters', 'database'],
      mistakes: ({ counters, database }) =>
        elsewhere === undefined ? unreachableCache(counters, database) : [],
    },
    { reads: ['plans', 'limits'], mistakes: ({ plans, limits }) => unusablePlans(plans, limits) },
    {
      reads: ['retention', 'uploads'],
      mistakes: ({ retention, uploads }) => keepingMistakes(retention, uploads),
    },
    {
      reads: ['api', 'process', 'database'],
      mistakes: (config) => caught(() => connectionBudget(config, undefined, pooled)),
    },
  ];
}

function ownServerMistakes(database: ResolvedConfig['database']): RuleBroken[] {
  if (database.engine === 'aurora-serverless')
    return caught(() => requireCapacity(database.capacity, database.maxConnections));
  return [...caught(() => requireRoomToGrow(database)), ...caught(() => requireMemory(database))];
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
