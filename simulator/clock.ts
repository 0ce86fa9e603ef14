import { Agenda } from './agenda.ts';

/** What a process waits for: seconds, or a signal. */
export type Wait = number | AnySignal;
interface AnySignal {
  whenSent(resume: (value: unknown) => void): void;
}
/** A sequence of waits. A signal's value is what the wait returns. */
export type Process<Result = void> = Generator<Wait, Result, unknown>;

/** Something that happens once. */
export class Signal<Value> {
  #value: Value | undefined;
  #sent = false;
  #waiting: ((value: Value) => void)[] | undefined;

  send(value: Value): void {
    if (this.#sent) return;
    this.#sent = true;
    this.#value = value;
    for (const resume of this.#waiting ?? []) resume(value);
    this.#waiting = undefined;
  }

  whenSent(resume: (value: Value) => void): void {
    if (this.#sent) resume(this.#value as Value);
    else this.#waiting = [...(this.#waiting ?? []), resume];
  }
}

/** Virtual time, in seconds since the start. Nothing happens but what was scheduled, in a fixed order. */
export class Clock {
  now = 0;
  /** Events that happened. */
  events = 0;
  readonly #agenda = new Agenda();

  /** @param run called after these seconds */
  after(seconds: number, run: () => void): void {
    this.#agenda.push(this.now + seconds, run);
  }

  /** Runs a process up to its first wait, and the rest as time passes. */
  start<Result>(process: Process<Result>, ended?: (result: Result) => void): void {
    const resume = (value: unknown): void => {
      const { done, value: next } = process.next(value);
      if (done === true) ended?.(next as Result);
      else if (typeof next === 'number') this.after(next, resumeAfterTime);
      else (next as AnySignal).whenSent(resume);
    };
    const resumeAfterTime = () => resume(undefined);
    resume(undefined);
  }

  /** @returns false once nothing more is scheduled before `until` */
  step(until: number): boolean {
    const event = this.#agenda.pop();
    if (event === undefined || event.at >= until) return false;
    this.now = event.at;
    this.events += 1;
    event.run();
    return true;
  }
}

/** Waits for a signal. */
export function* waitFor<Value>(signal: Signal<Value>): Process<Value> {
  return (yield signal) as Value;
}
