import { type CpuTime, noCpuTime, sumOf } from '../processes/cpu.ts';
import {
  type FunctionDefinition,
  type FunctionStatistics,
  type InvocationResult,
  maxPayloadBytes,
  RequestTooLarge,
  type StreamTaker,
  Throttled,
} from './definition.ts';
import { type EnvironmentSetup, ExecutionEnvironment } from './environment.ts';

interface Frozen {
  environment: ExecutionEnvironment;
  timer: NodeJS.Timeout;
}

/** One function: its environments, reserved concurrency and counts. */
export class HostedFunction {
  readonly definition: FunctionDefinition;
  readonly #setup: Omit<EnvironmentSetup, 'onIdle' | 'onEnd'>;
  readonly #idleMs: number;
  readonly #onEnvironment: (environment: ExecutionEnvironment, alive: boolean) => void;
  /** Idle environments, the last used one at the end: it is taken first, so that the others can expire. */
  #idle: Frozen[] = [];
  /** Frozen environments of earlier generations, which take no more events. */
  #replaced: Frozen[] = [];
  #generation = 0;
  readonly #generations = new Map<ExecutionEnvironment, number>();
  #cpuOfEnded = noCpuTime;
  readonly #counts = {
    invocations: 0,
    errors: 0,
    throttles: 0,
    timeouts: 0,
    running: 0,
    peak: 0,
    started: 0,
  };

  constructor(
    definition: FunctionDefinition,
    setup: Omit<EnvironmentSetup, 'onIdle' | 'onEnd'>,
    idleMs: number,
    onEnvironment: (environment: ExecutionEnvironment, alive: boolean) => void,
  ) {
    this.definition = definition;
    this.#setup = setup;
    this.#idleMs = idleMs;
    this.#onEnvironment = onEnvironment;
  }

  get environments(): ExecutionEnvironment[] {
    return [...this.#generations.keys()];
  }

  get statistics(): FunctionStatistics {
    return { ...this.#counts, environments: this.#generations.size };
  }

  /** CPU time of all environments so far. */
  cpu(): CpuTime {
    return sumOf([this.#cpuOfEnded, ...this.environments.map((environment) => environment.cpu())]);
  }

  /** The generations that have an environment, and the current one. */
  get generations(): Set<number> {
    return new Set([...this.#generations.values(), this.#generation]);
  }

  /**
   * Deploys: the next events go to new environments. As on Lambda, those of before finish their events and stay frozen
   * with all that they hold, such as a connection to the database, until they expire.
   */
  deploy(): void {
    this.#generation += 1;
    this.#replaced.push(...this.#idle);
    this.#idle = [];
  }

  /** Ends the frozen environments of earlier generations. */
  retire(): void {
    for (const { environment } of [...this.#replaced]) this.#expire(environment);
  }

  /**
   * Invokes the function in an idle or new environment, and waits for its response. A streamed response goes to `take`.
   * @throws Throttled above the reserved concurrency, RequestTooLarge above 6 MB.
   */
  async invoke(payload: string, take?: StreamTaker): Promise<InvocationResult> {
    if (Buffer.byteLength(payload) > maxPayloadBytes)
      throw new RequestTooLarge(`Request must be smaller than ${maxPayloadBytes} bytes`);
    const counts = this.#counts;
    if (counts.running >= (this.definition.maxConcurrency ?? Number.POSITIVE_INFINITY)) {
      counts.throttles++;
      throw new Throttled('ReservedFunctionConcurrentInvocationLimitExceeded');
    }
    counts.invocations++;
    counts.running++;
    counts.peak = Math.max(counts.peak, counts.running);
    try {
      const result = await (this.#takeIdle() ?? this.#start()).invoke(payload, take);
      if (!result.ok) counts.errors++;
      if (!result.ok && result.error.errorType === 'Sandbox.Timedout') counts.timeouts++;
      return result;
    } finally {
      counts.running--;
    }
  }

  #takeIdle(): ExecutionEnvironment | undefined {
    const idle = this.#idle.pop();
    clearTimeout(idle?.timer);
    return idle?.environment;
  }

  #forget(environment: ExecutionEnvironment): void {
    for (const frozen of [this.#idle, this.#replaced]) {
      const index = frozen.findIndex((one) => one.environment === environment);
      if (index >= 0) clearTimeout(frozen.splice(index, 1)[0]?.timer);
    }
  }

  #expire(environment: ExecutionEnvironment): void {
    // At once, because it could receive the next event before its process has ended.
    this.#forget(environment);
    environment.kill();
  }

  #start(): ExecutionEnvironment {
    this.#counts.started++;
    const generation = this.#generation;
    const environment = new ExecutionEnvironment(this.definition, {
      ...this.#setup,
      onIdle: (idle) => {
        const timer = setTimeout(() => this.#expire(idle), this.#idleMs);
        timer.unref();
        const frozen = generation === this.#generation ? this.#idle : this.#replaced;
        frozen.push({ environment: idle, timer });
      },
      onEnd: (ended) => {
        this.#forget(ended);
        this.#generations.delete(ended);
        this.#cpuOfEnded = sumOf([this.#cpuOfEnded, ended.cpu()]);
        this.#onEnvironment(ended, false);
      },
    });
    this.#generations.set(environment, generation);
    this.#onEnvironment(environment, true);
    return environment;
  }
}
