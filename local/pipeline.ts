import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { binaryMediaTypes, bodiesAt, resources } from '../lib/build/routes.ts';
import type { FunctionName } from '../lib/catalogue/catalogue.ts';
import type { ResolvedConfig } from '../lib/config/schema.ts';
import { buildLocally } from './build.ts';
import { Closers } from './closers.ts';
import { EventSourceMapping } from './event-source/mapping.ts';
import { functionEnvironments } from './function-environments.ts';
import { startGateway } from './gateway/gateway.ts';
import { openHome } from './home/home.ts';
import { lockHome } from './home/lock.ts';
import { readSecrets } from './home/secrets.ts';
import type { FunctionStatistics } from './lambda/definition.ts';
import { EventQueue } from './lambda/event-queue.ts';
import { LambdaHost } from './lambda/host.ts';
import { type RunningPostgres, startPostgres } from './postgres/server.ts';
import { killTree, type RunnerPids } from './processes/kill-runner.ts';
import { ProcessLedger } from './processes/ledger.ts';
import { startFauxqs } from './queues/fauxqs.ts';
import { type QueueDepth, queueArn } from './queues/sqs.ts';
import { openRunnerLog } from './runner-log.ts';
import { createdEvent } from './s3/created-event.ts';
import { everyInterval } from './schedule.ts';
import { bucketName, ensureQueues, jobsQueueName, startStorage } from './storage.ts';

export interface PipelineOptions {
  config: ResolvedConfig;
  /** Folder of all state; it survives restarts. */
  home: string;
  /** Port of the API and the page on 127.0.0.1; 0 takes a free one. */
  port: number;
  /** The local tenant's key; absent: made once and kept. */
  apiKey?: string;
  /** One line for each thing that is done, as it is done. */
  onProgress(line: string): void;
  /** Breaks the start off; what was started is ended. */
  signal?: AbortSignal;
  /** False gives up Postgres's durability for speed: for tests. */
  durable?: boolean;
  /** Between two sweeps; a minute unless told, as on AWS. */
  sweepEveryMs?: number;
}

/** The whole pipeline on this machine. */
export interface RunningPipeline {
  url: string;
  apiKey: string;
  /** The superuser's address. */
  database: Pick<RunningPostgres, 'host' | 'port' | 'user' | 'password' | 'database'>;
  bucket: string;
  s3: { endpoint: string; accessKeyId: string; secretAccessKey: string; region: string };
  sqs: { endpoint: string; queueUrl: string; dlqUrl: string };
  /** Folder of the logs: one of each function, and the runner's own. */
  logs: string;
  statistics(name: FunctionName): FunctionStatistics;
  pids(): RunnerPids;
  /** Process ids of the execution environments of one function. */
  environments(name: FunctionName): number[];
  depth(queue: 'jobs' | 'deadLetters'): Promise<QueueDepth>;
  /** Resolves, with what it was, when a part that must run has ended by itself. */
  failed: Promise<string>;
  /** Ends every child, within 10 s. */
  stop(): Promise<void>;
  /** Ends every child at once, without grace, synchronously. */
  kill(): void;
}

const projectRoot = resolve(import.meta.dirname, '..');
const sweepEveryMs = 60_000;
/** How long work in flight may go on when the runner stops; then its environments are killed. */
const graceMs = 3_000;
const processors = availableParallelism();

/**
 * Starts everything: Postgres, SQS, S3, the functions, the gateway.
 * @throws HomeProblem, PortTaken, PostgresProblem, FauxqsProblem, BuildFailed, ConfigMistakes: each with words
 * for a person
 */
export async function startPipeline(options: PipelineOptions): Promise<RunningPipeline> {
  const closers = new Closers();
  try {
    return await start(options, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function start(options: PipelineOptions, closers: Closers): Promise<RunningPipeline> {
  const { config, onProgress } = options;
  const step = timedSteps(onProgress, options.signal);
  const home = openHome(options.home);
  closers.add(lockHome(home.lock, home.root));
  const onTrouble = openRunnerLog(home.logs);
  const secrets = readSecrets(home.secrets);
  const apiKey = options.apiKey ?? secrets.apiKey;

  // First, so that a port that is taken is known at once.
  const gateway = await startGateway({
    port: options.port,
    resources,
    bodiesAt,
    binaryMediaTypes,
    concurrency: Math.min(config.api.maxConcurrency, 2 * processors + 2),
    onTrouble,
  });
  closers.add(() => gateway.close());
  const ledger = new ProcessLedger(home.processes, home.root);
  const left = await ledger.endLeftovers();
  if (left > 0) onProgress(`Ended ${left} processes that an earlier run had left`);

  const pending = {
    fauxqs: step('SQS', () => startFauxqs({ dataFolder: home.queues, logFolder: home.logs, ledger })),
    postgres: step('Postgres', () =>
      startPostgres({
        directory: home.postgres,
        maxConnections: config.database.maxConnections,
        durable: options.durable ?? true,
        onProgress,
      }),
    ),
    functions: step('Functions', () =>
      buildLocally({ config, projectRoot, outDir: home.functions, onProgress }),
    ),
  };
  // Each is to be ended if it comes up, whatever becomes of the others.
  pending.fauxqs.then((one) => closers.add(() => one.stop())).catch(() => undefined);
  pending.postgres.then((one) => closers.add(() => one.stop())).catch(() => undefined);
  await Promise.allSettled(Object.values(pending));
  const [fauxqs, postgres, { functions }] = await Promise.all([
    pending.fauxqs,
    pending.postgres,
    pending.functions,
  ]);

  options.signal?.throwIfAborted();
  const host = await LambdaHost.start({ ledger, logFolder: home.logs, workFolder: home.work });
  closers.add(() => host.stop());
  const events = new EventQueue({
    folder: home.events,
    invoke: (event) => host.invoke('enqueue', event),
    concurrency: processors,
    onTrouble: (line) => onTrouble(`enqueue: ${line}`),
  });
  closers.add(() => events.stop());
  const { jobs, deadLetters } = await ensureQueues(fauxqs.endpoint, config);
  const s3 = await step('S3', () =>
    startStorage(home, secrets, config, {
      onTrouble: (line) => onTrouble(`s3: ${line}`),
      onCreated: async (object) => {
        // What the bucket's notification is subscribed to: lib/storage/bucket.ts.
        const wanted = object.by === 'Post' || object.by === 'CompleteMultipartUpload';
        if (wanted && object.key.startsWith('incoming/')) await events.add(createdEvent(object));
      },
    }),
  );
  closers.add(() => s3.close());
  const environments = functionEnvironments({
    config,
    secrets,
    postgres,
    bucket: bucketName,
    queueUrl: jobs.url,
    deadLettersUrl: deadLetters.url,
    s3Endpoint: s3.endpoint,
    sqsEndpoint: fauxqs.endpoint,
  });
  for (const { folder, specification } of Object.values(functions)) {
    const { name, timeoutSeconds, memoryMb, maxConcurrency } = specification;
    const cap = maxConcurrency === undefined ? {} : { maxConcurrency };
    host.add({
      name,
      folder,
      timeoutSeconds,
      memoryMb,
      ...cap,
      environment: environments[name as FunctionName],
    });
  }
  await step('Schema', () => migrate(host, apiKey));

  const resumed = events.resume();
  if (resumed > 0) onProgress(`Delivering ${resumed} upload events of the run before`);
  const mapping = new EventSourceMapping({
    queue: jobs,
    queueArn: queueArn(jobsQueueName),
    maxConcurrency: config.process.maxConcurrency,
    batchSize: config.process.batchSize,
    batchWindowSeconds: config.process.batchWindowSeconds,
    invoke: (event) => host.invoke('process', event),
    onTrouble: (line) => onTrouble(`mapping: ${line}`),
  });
  closers.add(() => atMost(graceMs, mapping.stop()));
  closers.add(everyInterval(options.sweepEveryMs ?? sweepEveryMs, () => sweep(host, onTrouble)));
  gateway.open({ apiKey, invoke: (event) => host.invoke('api', event) });

  const pids = (): RunnerPids => ({
    postgres: postgres.pid,
    fauxqs: fauxqs.pid,
    functions: host.pids(),
  });
  let stopping = false;
  const { promise: failed, resolve: fail } = Promise.withResolvers<string>();
  const watch = (part: string) => () => {
    if (!stopping) fail(`${part} has ended by itself. Its log is in ${home.logs} or ${home.postgres}.`);
  };
  postgres.ended.then(watch('Postgres'));
  fauxqs.ended.then(watch('fauxqs (SQS)'));
  const { host: databaseHost, port, user, password, database } = postgres;
  const { accessKeyId, secretAccessKey } = secrets;
  return {
    url: gateway.url,
    apiKey,
    database: { host: databaseHost, port, user, password, database },
    bucket: bucketName,
    s3: { endpoint: s3.endpoint, accessKeyId, secretAccessKey, region: 'us-east-1' },
    sqs: { endpoint: fauxqs.endpoint, queueUrl: jobs.url, dlqUrl: deadLetters.url },
    logs: home.logs,
    statistics: (name) => host.statistics(name),
    environments: (name) => host.pids(name),
    depth: (queue) => (queue === 'jobs' ? jobs : deadLetters).depth(),
    pids,
    failed,
    stop: () => {
      stopping = true;
      gateway.shut();
      return closers.close();
    },
    kill: () => {
      stopping = true;
      killTree(pids());
    },
  };
}

/** Announces a part when it is up, with the time it took. */
function timedSteps(onProgress: (line: string) => void, signal: AbortSignal | undefined) {
  return async <Result>(part: string, work: () => Promise<Result> | Result): Promise<Result> => {
    signal?.throwIfAborted();
    const started = performance.now();
    const result = await work();
    onProgress(`${part} ready after ${((performance.now() - started) / 1000).toFixed(2)} s`);
    return result;
  };
}

/** Brings the schema up to date and makes the local tenant with its key. */
async function migrate(host: LambdaHost, apiKey: string): Promise<void> {
  const keySha256 = createHash('sha256').update(apiKey).digest('hex');
  const result = await host.invoke('migrate', { tenant: 'local', keySha256 });
  if (!result.ok) throw new Error(`The database could not be migrated: ${result.error.errorMessage}`);
}

async function sweep(host: LambdaHost, onTrouble: (line: string) => void): Promise<void> {
  try {
    const result = await host.invoke('sweep', {});
    if (!result.ok && !host.stopped) onTrouble(`sweep: ${result.error.errorMessage}`);
  } catch (error) {
    onTrouble(`sweep: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const { promise: late, resolve: giveUp } = Promise.withResolvers<void>();
  const timer = setTimeout(giveUp, ms);
  await Promise.race([work, late]);
  clearTimeout(timer);
}
