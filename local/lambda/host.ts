import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sumOf, takeReaped } from '../processes/cpu.ts';
import type { ProcessRegistry } from '../processes/registry.ts';
import type { FunctionDefinition, FunctionStatistics, InvocationResult, StreamTaker } from './definition.ts';
import type { ExecutionEnvironment } from './environment.ts';
import { HostedFunction } from './function.ts';
import { FunctionLog } from './function-log.ts';
import { type RuntimeApi, startRuntimeApi } from './runtime-api.ts';

/** Shorter than on Lambda, to free a laptop's memory sooner. */
const defaultIdleMs = 120_000;

export interface HostOptions {
  registry: ProcessRegistry;
  /** Receives `<function>.log`. */
  logFolder: string;
  /** Contains each environment's /tmp and the compile caches. */
  workFolder: string;
  idleMs?: number;
}

/** Runs built functions as Lambda does: each execution environment is a process group. */
export class LambdaHost {
  readonly #options: HostOptions;
  readonly #api: RuntimeApi;
  readonly #environments: Map<string, ExecutionEnvironment>;
  readonly #functions = new Map<string, HostedFunction>();
  readonly #logs: FunctionLog[] = [];
  #stopped = false;

  private constructor(
    options: HostOptions,
    api: RuntimeApi,
    environments: Map<string, ExecutionEnvironment>,
  ) {
    this.#options = options;
    this.#api = api;
    this.#environments = environments;
  }

  static async start(options: HostOptions): Promise<LambdaHost> {
    // Left by environments that were killed with an earlier host.
    rmSync(join(options.workFolder, 'tmp'), { recursive: true, force: true });
    const environments = new Map<string, ExecutionEnvironment>();
    // What the start has used, as a build, belongs to no function.
    takeReaped();
    const api = await startRuntimeApi((id) => environments.get(id));
    return new LambdaHost(options, api, environments);
  }

  add(definition: FunctionDefinition): void {
    const { registry, logFolder, workFolder, idleMs = defaultIdleMs } = this.#options;
    const log = new FunctionLog(logFolder, definition.name);
    this.#logs.push(log);
    const compileCache = join(workFolder, 'compile-cache', definition.name);
    mkdirSync(compileCache, { recursive: true });
    const setup = {
      runtimeApi: this.#api.address,
      temporaryFolder: join(workFolder, 'tmp'),
      compileCache,
      registry,
      log,
    };
    const hosted = new HostedFunction(definition, setup, idleMs, (environment, alive) => {
      if (alive) this.#environments.set(environment.id, environment);
      else this.#environments.delete(environment.id);
    });
    this.#functions.set(definition.name, hosted);
  }

  /**
   * Invokes a function and waits for its response (RequestResponse).
   * @param take receives the body of a streamed response (InvokeWithResponseStream); without it a stream is an error
   * @throws Throttled, RequestTooLarge
   */
  invoke(name: string, event: unknown, take?: StreamTaker): Promise<InvocationResult> {
    if (this.#stopped) throw new Error('The host has been stopped.');
    return this.#find(name).invoke(JSON.stringify(event), take);
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  statistics(name: string): FunctionStatistics {
    return this.#find(name).statistics;
  }

  /** Process ids of the environments of one function or of all, each the leader of its group. */
  pids(name?: string): number[] {
    const functions = name === undefined ? [...this.#functions.values()] : [this.#find(name)];
    return functions.flatMap(({ environments }) => environments.map(({ pid }) => pid));
  }

  /** CPU seconds so far: of each function, and of the decoders, which are children of functions. */
  cpu(): Record<string, number> {
    const times = [...this.#functions].map(([name, hosted]) => [name, hosted.cpu()] as const);
    const { descendants: decoders } = sumOf(times.map(([, time]) => time));
    return { ...Object.fromEntries(times.map(([name, { own }]) => [name, own])), decoders };
  }

  /** A new generation of every function, as a deployment makes it. */
  deploy(): void {
    for (const hosted of this.#functions.values()) hosted.deploy();
  }

  /** Ends the environments of earlier generations that are frozen. */
  retire(): void {
    for (const hosted of this.#functions.values()) hosted.retire();
  }

  /** Number of generations that have an environment, with the current one. */
  get generations(): number {
    const alive = [...this.#functions.values()].flatMap(({ generations }) => [...generations]);
    return new Set(alive).size;
  }

  /** Kills every environment and resolves when they have ended. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    const ended = [...this.#environments.values()].map((environment) => environment.ended);
    for (const environment of this.#environments.values()) environment.kill();
    await Promise.all(ended);
    this.#api.close();
    for (const log of this.#logs) log.close();
  }

  #find(name: string): HostedFunction {
    const found = this.#functions.get(name);
    if (found === undefined) throw new Error(`No function is named ${name}.`);
    return found;
  }
}
