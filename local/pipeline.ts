import type { FunctionName } from '../lib/catalogue/catalogue.ts';
import type { FunctionStatistics } from './lambda/definition.ts';
import { region } from './lambda/variables.ts';
import { type ConsumerLag, consumerLag, readConsumerLag } from './parts/consumer-lag.ts';
import { eventSource, innerEventSources } from './parts/event-source.ts';
import { functionCode, functionHost } from './parts/function-host.ts';
import { functions } from './parts/functions.ts';
import { gateway, http } from './parts/gateway.ts';
import { home, log, secrets } from './parts/home.ts';
import { kafkaMappings } from './parts/kafka.ts';
import { type PartList, PartRunner } from './parts/part-runner.ts';
import { postgres } from './parts/postgres.ts';
import { processes } from './parts/processes.ts';
import { queues, sqs } from './parts/queues.ts';
import { schedule } from './parts/schedule.ts';
import { schema } from './parts/schema.ts';
import { bucketName, storage } from './parts/storage.ts';
import { earlierUploadEvents, uploadEvents } from './parts/upload-events.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import type { Restart } from './postgres/restartable.ts';
import type { RunningPostgres } from './postgres/server.ts';
import { cpuTime } from './processes/cpu.ts';

/** Everything that runs, in the order in which it starts. It stops in the reverse order. */
const parts: PartList = [
  home,
  log,
  secrets,
  // Before the slow parts, so that a port that is taken is reported at once.
  gateway,
  processes,
  [sqs, postgres, functionCode],
  functionHost,
  uploadEvents,
  queues,
  storage,
  functions,
  // What invokes the functions: a deployment, uploads, messages, time and requests.
  schema,
  earlierUploadEvents,
  eventSource,
  innerEventSources,
  kafkaMappings,
  consumerLag,
  schedule,
  http,
];

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
  /** Jobs that are visible, those in flight, and messages of the dead-letter queue. */
  queue(): Promise<{ visible: number; inFlight: number; dead: number }>;
  /** Events that each consumer has not processed. */
  consumerLag(): Promise<ConsumerLag>;
  /** How many jobs have been received for the first time (1), the second, … since the start. */
  receiveCounts(): Record<number, number>;
  /** Stops receiving jobs, as a mapping that is disabled. @returns what receives them again */
  pauseJobs(): Promise<() => void>;
  /** Process ids of the execution environments of one function. */
  environments(name: FunctionName): number[];
  /**
   * Deploys all functions: new environments take the events from now on. Those of before finish theirs and stay frozen,
   * with their connections, until `retire` or the idle timer, as on Lambda.
   */
  deploy(): Promise<void>;
  /** Ends the frozen environments of earlier generations. */
  retire(): void;
  /** Number of generations that have an environment, with the current one. */
  generations(): number;
  /**
   * Stops Postgres, and starts it again on the same port after a pause.
   * @param immediate without a checkpoint, as after a crash
   * @returns times in milliseconds since the epoch
   */
  restartDatabase(awayMs: number, options?: { immediate?: boolean }): Promise<Restart>;
  /**
   * CPU seconds so far by part, with processes that have ended: each function, `decoders` (children of functions),
   * `runner` (this process, whatever else it does), `fauxqs` and `postgres`. Without /proc only that of the runner.
   */
  cpu(): Record<string, number>;
  /** Resolves with a message when a process that everything needs has ended unexpectedly. */
  failed: Promise<string>;
  /** Stops every part, within 10 s. */
  stop(): Promise<void>;
  /** Kills every child process synchronously, without a grace period. */
  kill(): void;
}

/**
 * Starts the whole pipeline.
 * @throws HomeProblem, PortTaken, PostgresProblem, FauxqsProblem, BuildFailed, ConfigMistakes: each has a message
 * for the user
 */
export async function startPipeline(options: PipelineOptions): Promise<RunningPipeline> {
  const runner = new PartRunner(options);
  await runner.start(parts);
  const { use } = runner;
  const { host, port, user, password, database } = use(postgres);
  const { apiKey, accessKeyId, secretAccessKey } = use(secrets);
  const { jobs, deadLetters } = use(queues);
  const { logs, postgres: postgresFolder } = use(home);
  return {
    url: use(gateway).url,
    apiKey,
    database: { host, port, user, password, database },
    bucket: bucketName,
    s3: { endpoint: use(storage).endpoint, accessKeyId, secretAccessKey, region },
    sqs: { endpoint: use(sqs).endpoint, queueUrl: jobs.url, dlqUrl: deadLetters.url },
    logs,
    statistics: (name) => use(functionHost).statistics(name),
    environments: (name) => use(functionHost).pids(name),
    async queue() {
      const [{ visible, inFlight }, dead] = await Promise.all([jobs.depth(), deadLetters.depth()]);
      return { visible, inFlight, dead: dead.visible + dead.inFlight };
    },
    consumerLag: () => readConsumerLag(runner),
    receiveCounts: () => use(eventSource).receiveCounts,
    async pauseJobs() {
      const mapping = use(eventSource);
      await mapping.pause();
      return () => mapping.resume();
    },
    deploy: async () => use(functionHost).deploy(),
    retire: () => use(functionHost).retire(),
    generations: () => use(functionHost).generations,
    restartDatabase: (awayMs, { immediate = false } = {}) => use(postgres).restart(awayMs, immediate),
    cpu() {
      const { user, system } = process.cpuUsage();
      return {
        ...use(functionHost).cpu(),
        runner: (user + system) / 1e6,
        fauxqs: cpuTime(use(sqs).pid).own,
        postgres: use(postgres).cpu(),
      };
    },
    failed: runner.failed.then(
      (name) => `${name} ended unexpectedly. Its log is in ${logs} or ${postgresFolder}.`,
    ),
    stop: () => runner.stop(),
    kill: () => runner.kill(),
  };
}
