import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type CpuTime, cpuTime, noCpuTime, takeReaped } from '../processes/cpu.ts';
import { signalGroup } from '../processes/identity.ts';
import type { ProcessRegistry } from '../processes/registry.ts';
import type { FunctionDefinition, FunctionError, InvocationResult, StreamTaker } from './definition.ts';
import type { FunctionLog } from './function-log.ts';
import { residentBytes } from './memory.ts';
import { exitError, outOfMemoryError, reportLine, timeoutError, withRequest } from './report.ts';
import { environmentVariables, functionArn } from './variables.ts';

/** Lambda's limit of the init phase. Here it may also take as long as the function's timeout, for busy laptops. */
const initMs = 10_000;
const memoryCheckMs = 250;
/** An environment that gets its next event within this time is not frozen: stopping and continuing twenty threads has a price. */
const freezeAfterMs = 20;
const mebi = 1024 * 1024;
const noResponse: FunctionError = { errorType: 'Runtime.NoResponse', errorMessage: 'No response' };
const bootstrap = join(import.meta.dirname, 'bootstrap.ts');

/** What the host provides to an environment. */
export interface EnvironmentSetup {
  runtimeApi: string;
  temporaryFolder: string;
  compileCache: string;
  registry: ProcessRegistry;
  log: FunctionLog;
  /** The environment can take the next invocation. */
  onIdle(environment: ExecutionEnvironment): void;
  onEnd(environment: ExecutionEnvironment): void;
}

interface Invocation {
  requestId: string;
  payload: string;
  /** Time of the monotonic clock at which the handler received the event, in milliseconds; undefined during init. */
  started?: number;
  result?: InvocationResult;
  take?: StreamTaker | undefined;
  settle(result: InvocationResult): void;
}

/**
 * An execution environment: a process group that handles one event at a time, is frozen (SIGSTOP) with its children
 * between two events, and is killed when it runs out of time or memory.
 */
export class ExecutionEnvironment {
  readonly id = randomUUID();
  readonly pid: number;
  /** Resolves when its process has ended. */
  readonly ended: Promise<void>;
  readonly #definition: FunctionDefinition;
  readonly #setup: EnvironmentSetup;
  readonly #child: ChildProcess;
  readonly #temporary: string;
  readonly #born = performance.now();
  #invocation: Invocation | undefined;
  #waiting: ServerResponse | undefined;
  #timer: NodeJS.Timeout | undefined;
  #memoryTimer: NodeJS.Timeout | undefined;
  #freezeTimer: NodeJS.Timeout | undefined;
  #frozen = false;
  #mostMemory = 0;
  #cpu = noCpuTime;
  #initMs: number | undefined;
  #cause: FunctionError | undefined;
  #initialised = false;
  #ended = false;

  constructor(definition: FunctionDefinition, setup: EnvironmentSetup) {
    this.#definition = definition;
    this.#setup = setup;
    this.#temporary = join(setup.temporaryFolder, this.id);
    mkdirSync(this.#temporary, { recursive: true });
    const variables = environmentVariables(definition, {
      runtimeApi: `${setup.runtimeApi}/${this.id}`,
      temporary: this.#temporary,
      compileCache: setup.compileCache,
      logStream: this.id,
    });
    // As on Lambda: the memory size less the runtime's share.
    const heap = Math.floor(definition.memoryMb * 0.9);
    this.#child = spawn(process.execPath, [`--max-old-space-size=${heap}`, bootstrap], {
      cwd: definition.folder,
      env: variables,
      stdio: ['ignore', setup.log.descriptor, setup.log.descriptor],
      detached: true,
    });
    this.pid = this.#child.pid ?? -1;
    this.#child.once('error', ({ message }) =>
      this.#end({ errorType: 'Runtime.ExitError', errorMessage: message }),
    );
    this.#child.once('exit', (code, signal) => this.#end(exitError(code, signal)));
    this.ended = new Promise((done) => {
      this.#child.once('exit', () => done());
      this.#child.once('error', () => done());
    });
    if (this.#child.pid !== undefined) setup.registry.add(this.pid);
  }

  /** CPU time of its process and of its children; after its end the whole of what it used. */
  cpu(): CpuTime {
    if (!this.#ended) this.#cpu = cpuTime(this.pid);
    return this.#cpu;
  }

  /** Whether it is ready for an invocation. */
  get idle(): boolean {
    return this.#waiting !== undefined && this.#invocation === undefined && !this.#ended;
  }

  /**
   * Handles one event; never rejects. To be called while idle, or right after construction.
   * @param take receives the response if the function streams it; the result then has an empty payload
   */
  invoke(payload: string, take?: StreamTaker): Promise<InvocationResult> {
    return new Promise((settle) => {
      this.#invocation = { requestId: randomUUID(), payload, take, settle };
      if (this.#waiting !== undefined) this.#dispatch();
      else this.#startTimer(Math.max(initMs, this.#definition.timeoutSeconds * 1000));
    });
  }

  /** Runtime API: the runtime requests the next event, which ends the previous invocation. */
  next(response: ServerResponse): void {
    if (!this.#initialised) this.#initMs = performance.now() - this.#born;
    this.#initialised = true;
    this.#waiting = response;
    const invocation = this.#invocation;
    if (invocation !== undefined && invocation.started === undefined) {
      this.#dispatch();
      return;
    }
    this.#clearTimers();
    if (invocation !== undefined) this.#finish(invocation, noResponse);
    if (this.#ended) return;
    this.#freezeTimer = setTimeout(() => this.#freeze(), freezeAfterMs);
    this.#setup.onIdle(this);
  }

  /** Runtime API: the handler's response. @returns false if no such invocation is in progress */
  respond(requestId: string, payload: string): boolean {
    return this.#record(requestId, { ok: true, requestId, payload });
  }

  /** Runtime API: the handler streams its response. @returns false if nobody takes a stream of this invocation */
  stream(requestId: string, body: IncomingMessage): boolean {
    const invocation = this.#invocation;
    if (invocation?.requestId !== requestId || invocation.take === undefined) return false;
    invocation.take(body);
    return true;
  }

  /** Runtime API: the handler threw. */
  fail(requestId: string, error: FunctionError): boolean {
    return this.#record(requestId, { ok: false, requestId, error });
  }

  /** Runtime API: the function could not be loaded. */
  initFail(error: FunctionError): void {
    this.#cause = error;
  }

  kill(cause?: FunctionError): void {
    this.#cause ??= cause;
    this.cpu();
    signalGroup(this.pid, 'SIGKILL');
  }

  #record(requestId: string, result: InvocationResult): boolean {
    const invocation = this.#invocation;
    if (invocation?.requestId !== requestId || invocation.result !== undefined) return false;
    invocation.result = result;
    return true;
  }

  #dispatch(): void {
    const invocation = this.#invocation;
    const response = this.#waiting;
    if (invocation === undefined || response === undefined) return;
    this.#waiting = undefined;
    this.#clearTimers();
    const timeoutMs = this.#definition.timeoutSeconds * 1000;
    invocation.started = performance.now();
    this.#setup.log.write(`START RequestId: ${invocation.requestId} Version: $LATEST`);
    if (this.#frozen) signalGroup(this.pid, 'SIGCONT');
    this.#frozen = false;
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': invocation.requestId,
      'lambda-runtime-deadline-ms': Date.now() + timeoutMs,
      'lambda-runtime-invoked-function-arn': functionArn(this.#definition.name),
    });
    response.end(invocation.payload);
    this.#startTimer(timeoutMs);
    this.#memoryTimer = setInterval(() => this.#checkMemory(), memoryCheckMs);
  }

  #freeze(): void {
    this.#frozen = true;
    signalGroup(this.pid, 'SIGSTOP');
  }

  #startTimer(ms: number): void {
    this.#timer = setTimeout(() => this.kill(timeoutError(this.#definition.timeoutSeconds)), ms);
  }

  #clearTimers(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#freezeTimer);
    clearInterval(this.#memoryTimer);
  }

  #checkMemory(): void {
    const bytes = residentBytes(this.pid);
    this.#mostMemory = Math.max(this.#mostMemory, bytes);
    if (bytes > this.#definition.memoryMb * mebi) this.kill(outOfMemoryError);
  }

  #finish(invocation: Invocation, failure: FunctionError): void {
    this.#invocation = undefined;
    const { requestId, result, started } = invocation;
    const { log } = this.#setup;
    this.#mostMemory = Math.max(this.#mostMemory, residentBytes(this.pid));
    const error = withRequest(failure, requestId);
    if (result === undefined) log.write(error.errorMessage);
    const report = reportLine({
      requestId,
      durationMs: started === undefined ? 0 : performance.now() - started,
      memoryMb: this.#definition.memoryMb,
      mostMemory: this.#mostMemory,
      initMs: this.#initMs,
    });
    log.write(`END RequestId: ${requestId}\n${report}`);
    // Reported with the first invocation only.
    this.#initMs = undefined;
    invocation.settle(result ?? { ok: false, requestId, error });
  }

  #end(exit: FunctionError): void {
    if (this.#ended) return;
    this.#ended = true;
    // Children that were killed with it are known from the last look.
    const { own, descendants } = this.#cpu;
    this.#cpu = { own: Math.max(own, takeReaped() - descendants), descendants };
    this.#clearTimers();
    this.#waiting?.destroy();
    // Children that the runtime left.
    signalGroup(this.pid, 'SIGKILL');
    this.#setup.registry.remove(this.pid);
    rmSync(this.#temporary, { recursive: true, force: true });
    if (this.#invocation !== undefined) this.#finish(this.#invocation, this.#cause ?? exit);
    this.#setup.onEnd(this);
  }
}
