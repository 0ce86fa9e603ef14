import type { DatabaseRole } from '../../lambda/domain/roles.ts';
import type { EnvironmentPart } from '../../lambda/runtime/environment-parts.ts';
import type { InnerQueue } from './inner-queues.ts';
import type { Permission } from './permissions.ts';

/**
 * What starts a function. Exactly one function each takes requests, streams responses, takes uploads and jobs, and one runs in
 * the deploy.
 */
export type Trigger =
  | { kind: 'rest-api' | 'rest-stream' | 's3-upload' | 'sqs-jobs' | 'deploy' | 'invoke' }
  | { kind: 'schedule'; everySeconds: number }
  | QueueTrigger;

/** Batches of a queue between functions. At intervals a schedule sends a message there, for what no other one tells. */
export interface QueueTrigger {
  kind: 'queue';
  queue: InnerQueue;
  batchSize: number;
  /** Limit of simultaneous invocations, at least 2 (MaximumConcurrency of the event source mapping). */
  mappingConcurrency: (config: SizedBy) => number;
  everySeconds?: number;
}

/** The settings that determine sizes. */
export interface SizedBy {
  api: Sizes;
  enqueue: { maxConcurrency?: number | undefined };
  process: Sizes;
  webhooks: { maxConcurrency: number };
}
interface Sizes {
  timeoutSeconds: number;
  memoryMb: number;
  maxConcurrency: number;
}

/**
 * Connections of a function at once:
 * - `persistent`: one per environment, frozen ones included, in two generations during a deploy: 2 × concurrency;
 * - `per-execution`: opened and closed within an invocation: 1 × concurrency;
 * - a number: that many.
 */
export type Connections = 'persistent' | 'per-execution' | number;

/** Files that the build adds to a function's folder. */
export type FileSet = 'console' | 'font' | 'migrations' | 'watermarks';

/** A function, as the build, the stacks, the budget, the local runner and the docs need it. */
export type FunctionDefinition = Described & (Connected | Unconnected);

interface Connected {
  network?: undefined;
  database: { role: DatabaseRole | 'owner'; connections: Connections };
  /** Compared with lambda/<function>/environment.ts by the compiler. */
  environment: readonly EnvironmentPart[];
}

/** It opens no connection, so it is given no address either. */
interface Unconnected {
  database?: undefined;
  /** It runs outside the network of the others, which has no way to the Internet. */
  network?: 'internet';
  environment: readonly Exclude<EnvironmentPart, 'database'>[];
}

interface Described {
  /** One line, for the console of Lambda and for docs/functions.md. */
  description: string;
  /** Entry points relative to the project's root, bundled to `<key>.mjs`; `index` exports `handler`. */
  entries: Readonly<Record<string, string>> & { readonly index: string };
  trigger: Trigger;
  mayTouch: readonly Permission[];
  timeoutSeconds: (config: SizedBy) => number;
  memoryMb: (config: SizedBy) => number;
  /** Reserved concurrency; undefined where nothing needs a cap. */
  maxConcurrency: (config: SizedBy) => number | undefined;
  /** Native packages that are not bundled but copied next to the bundle. */
  nativePackages: readonly string[];
  files: readonly FileSet[];
}
