import type { FunctionName } from '../../lambda/runtime/environment.ts';
import type { ResolvedConfig } from '../config/schema.ts';

/**
 * The functions as they are built and run, on AWS and on this machine alike. No CDK in here: the local runner
 * reads it too and must start in a second.
 */
export interface FunctionSpecification {
  name: FunctionName;
  /** Entry points relative to the project's root, bundled to `<key>.mjs`; `index` exports `handler`. */
  entries: Record<string, string>;
  timeoutSeconds: number;
  memoryMb: number;
  /** Executions at once at the most; absent where nothing needs a cap. */
  maxConcurrency?: number;
  /** Native packages that are not bundled but laid beside the bundle. */
  nativePackages: readonly string[];
}

/** All functions of a deployment with this configuration. */
export function functionSpecifications(config: ResolvedConfig): Record<FunctionName, FunctionSpecification> {
  return {
    api: {
      name: 'api',
      entries: { index: 'lambda/api/index.ts' },
      timeoutSeconds: config.api.timeoutSeconds,
      memoryMb: config.api.memoryMb,
      maxConcurrency: config.api.maxConcurrency,
      nativePackages: [],
    },
    enqueue: {
      name: 'enqueue',
      entries: { index: 'lambda/enqueue/index.ts' },
      timeoutSeconds: 30,
      memoryMb: 256,
      // 50,000 uploads a minute are 833 a second of about 30 ms each: 25 at once. What finds no room, with a cap or
      // without, Lambda keeps for six hours. So none is reserved unless somebody asks: the account would have to have it.
      ...(config.enqueue.maxConcurrency === undefined
        ? {}
        : { maxConcurrency: config.enqueue.maxConcurrency }),
      nativePackages: [],
    },
    process: {
      name: 'process',
      entries: { index: 'lambda/process/index.ts', sandbox: 'lambda/imaging/sandbox/child.ts' },
      timeoutSeconds: config.process.timeoutSeconds,
      memoryMb: config.process.memoryMb,
      maxConcurrency: config.process.maxConcurrency,
      // The codecs, and the call by which their process is confined.
      nativePackages: ['sharp', 'koffi'],
    },
    // One at a time: two sweeps would only do each other's work. A whole processor: what it does is talk to S3.
    sweep: {
      name: 'sweep',
      entries: { index: 'lambda/sweep/index.ts' },
      timeoutSeconds: 300,
      memoryMb: 1769,
      maxConcurrency: 1,
      nativePackages: [],
    },
    migrate: {
      name: 'migrate',
      entries: { index: 'lambda/migrate/index.ts' },
      // An index of a large table. The trigger that invokes it in a deploy waits for 15 minutes itself.
      timeoutSeconds: 840,
      memoryMb: 256,
      // Its share of the connections is one.
      maxConcurrency: 1,
      nativePackages: [],
    },
  };
}
