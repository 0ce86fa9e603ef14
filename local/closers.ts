/** What has been started, to be ended in the opposite order, also when a start breaks off half way. */
export class Closers {
  readonly #closers: (() => Promise<unknown> | unknown)[] = [];
  #closing: Promise<void> | undefined;

  add(close: () => Promise<unknown> | unknown): void {
    this.#closers.push(close);
  }

  /** Ends everything; a part that fails to end does not keep the others alive. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Some parts did not end properly');
  }
}
