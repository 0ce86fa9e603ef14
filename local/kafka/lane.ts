import type { TopicRecord } from './batch.ts';

/** First pause after a failed batch; it doubles up to the longest. */
const pauseMs = 250;
const longestPauseMs = 10_000;

/** One partition of a member: what was fetched, what the function has, and what is done. */
export class Lane {
  readonly partition: number;
  /** Offset of the next record to fetch. */
  position: bigint;
  /** All records before this offset are done; it is what may be committed. */
  done: bigint;
  committed: bigint;
  #waiting: TopicRecord[] = [];
  #running = 0;
  #failures = 0;
  #notBefore = 0;

  constructor(partition: number, committed: bigint) {
    this.partition = partition;
    this.position = committed;
    this.done = committed;
    this.committed = committed;
  }

  /** Records in memory. */
  get held(): number {
    return this.#waiting.length + this.#running;
  }

  /** Adds fetched records; those before the position are repetitions of a record batch. */
  add(records: readonly TopicRecord[]): void {
    for (const record of records)
      if (record.offset >= this.position) {
        this.#waiting.push(record);
        this.position = record.offset + 1n;
      }
  }

  /** Skips offsets without records (markers of transactions). */
  skipTo(offset: bigint): void {
    if (offset > this.position) this.position = offset;
    if (this.held === 0) this.done = this.position;
  }

  /** The next batch; none while one is running or the lane pauses after a failure. A batch is taken until `settle`. */
  take(most: number, now: number): TopicRecord[] {
    if (this.#running > 0 || now < this.#notBefore) return [];
    const batch = this.#waiting.splice(0, most);
    this.#running = batch.length;
    return batch;
  }

  /** Ends the batch. Failed records are the first of the next one, so that the order holds. */
  settle(failed: readonly TopicRecord[], now: number, random: number): void {
    this.#running = 0;
    this.#waiting.unshift(...failed);
    this.done = this.#waiting[0]?.offset ?? this.position;
    this.#failures = failed.length === 0 ? 0 : this.#failures + 1;
    if (this.#failures > 0)
      this.#notBefore = now + random * Math.min(longestPauseMs, pauseMs * 2 ** this.#failures);
  }
}
