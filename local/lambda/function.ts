import {
  type FunctionDefinition,
  type FunctionStatistics,
  type InvocationResult,
  maxPayloadBytes,
  RequestTooLarge,
  Throttled,
} from './definition.ts';
import { type EnvironmentSetup, ExecutionEnvironment } from './environment.ts';

/** One function: its environments, reserved concurrency and counts. */
export class HostedFunction {
  readonly definition: FunctionDefinition;
  readonly environments = new Set<ExecutionEnvironment>();
  readonly #setup: Omit<EnvironmentSetup, 'onIdle' | 'onEnd'>;
  readonly #idleMs: number;
  readonly #onEnvironment: (environment: ExecutionEnvironment, alive: boolean) => void;
  /** Idle environments, the last used one at the end: it is taken first, so that the others can expire. */
  readonly #idle: { environment: ExecutionEnvironment; timer: NodeJS.Timeout }[] = [];
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

  get statistics(): FunctionStatistics {
    return { ...this.#counts, environments: this.environments.size };
  }

  /**
   * Invokes the function in an idle or new environment, and waits for its response.
   * @throws Throttled above the reserved concurrency, RequestTooLarge above 6 MB.
   */
  async invoke(payload: string): Promise<InvocationResult> {
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
      const result = await (this.#takeIdle() ?? this.#start()).invoke(payload);
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
    const index = this.#idle.findIndex((idle) => idle.environment === environment);
    if (index >= 0) clearTimeout(this.#idle.splice(index, 1)[0]?.timer);
  }

  #start(): ExecutionEnvironment {
    this.#counts.started++;
    const environment = new ExecutionEnvironment(this.definition, {
      ...this.#setup,
      onIdle: (idle) => {
        const timer = setTimeout(() => {
          // At once, because it could receive the next event before its process has ended.
          this.#forget(idle);
          idle.kill();
        }, this.#idleMs);
        timer.unref();
        this.#idle.push({ environment: idle, timer });
      },
      onEnd: (ended) => {
        this.#forget(ended);
        this.environments.delete(ended);
        this.#onEnvironment(ended, false);
      },
    });
    this.environments.add(environment);
    this.#onEnvironment(environment, true);
    return environment;
  }
}
