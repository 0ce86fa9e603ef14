import { setTimeout as pause } from 'node:timers/promises';
import type { InvocationResult } from '../lambda/definition.ts';
import { failedRecords, kafkaBatchEvent, type TopicRecord } from './batch.ts';
import { Lane } from './lane.ts';
import { Member, type MemberOptions } from './member.ts';

export interface KafkaMappingOptions extends Omit<MemberOptions, 'sessionTimeoutMs' | 'maxPollIntervalMs'> {
  /** `max.poll.records`: records of one batch, 10 to 50. */
  maxRecords: number;
  /** Limit of simultaneous invocations. Each has records of one partition. */
  maxConcurrency: number;
  /** Default: 10 s. At most `maxPollIntervalMs`. */
  sessionTimeoutMs?: number;
  /**
   * Default: 30 s, as long as the client waits for an answer. Kafka's 5 minutes are for members that rejoin only between
   * batches; this one does from its heartbeats, and a rejoin whose answer is lost is noticed only after this time.
   */
  maxPollIntervalMs?: number;
  /** Invokes the function synchronously; rejects with Throttled. */
  invoke(event: object): Promise<InvocationResult>;
  /** Receives errors, for the log. */
  onTrouble(line: string): void;
}

/** What the mapping does now. */
export interface KafkaMappingState {
  /** Records behind the end of the topic, of the partitions that this member has; undefined before the first look. */
  lag: number | undefined;
  /** Records in memory. */
  held: number;
  /** Partitions that are not fetched, because enough of their records wait for the function. */
  paused: number;
  partitions: number[];
  generation: number;
}

/** Time between two commits, and between two looks at the lag. */
const commitMs = 200;
const lagMs = 1_000;
/** First pause before joining again; it doubles up to the longest, with jitter, so that members do not return together. */
const rejoinMs = 250;
const longestRejoinMs = 10_000;

/**
 * The event source mapping between a topic and a function, on Kafka's own protocol. Each partition has one batch at the
 * function at a time, so that the order of its keys holds. A partition is not fetched while a batch of it waits: a slow
 * function bounds what is in memory, and its lag stays in the topic. Heartbeats go on meanwhile, so a batch may take longer
 * than `max.poll.interval.ms` and the member keeps its partitions. Only what is done is committed; after a loss of the
 * membership the rest comes again, here or at another member.
 */
export class KafkaMapping {
  readonly #options: Required<KafkaMappingOptions>;
  readonly #stopping = new AbortController();
  readonly #run: Promise<void>;
  #lanes = new Map<number, Lane>();
  #generation = 0;
  #invocations = new Set<Promise<void>>();
  #lag: number | undefined;
  #turn = 0;

  constructor(options: KafkaMappingOptions) {
    this.#options = { sessionTimeoutMs: 10_000, maxPollIntervalMs: 30_000, ...options };
    this.#run = this.#sessions();
  }

  get state(): KafkaMappingState {
    const lanes = [...this.#lanes.values()];
    return {
      lag: this.#lag,
      held: lanes.reduce((sum, { held }) => sum + held, 0),
      paused: lanes.filter((lane) => this.#isPaused(lane)).length,
      partitions: lanes.map(({ partition }) => partition),
      generation: this.#generation,
    };
  }

  /** Stops fetching, waits for the invocations in progress, commits what is done and leaves the group. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#run;
  }

  async #sessions(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; ) {
      const began = Date.now();
      try {
        await this.#session();
      } catch (error) {
        this.#options.onTrouble(error instanceof Error ? error.message : String(error));
      }
      // A membership that held was no failure to join.
      failures = Date.now() - began > this.#options.sessionTimeoutMs ? 1 : failures + 1;
      const most = Math.min(longestRejoinMs, rejoinMs * 2 ** failures);
      await pause(most * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    }
  }

  /** One membership, until it fails or the mapping stops. */
  async #session(): Promise<void> {
    const member = new Member(this.#options);
    this.#lanes = new Map();
    this.#generation = 0;
    let failure: Error | undefined;
    void member.failed.then((error) => {
      failure = error;
    });
    try {
      await member.join();
      let commitAt = 0;
      let lagAt = 0;
      while (!this.#stopping.signal.aborted) {
        if (failure !== undefined) throw failure;
        await this.#reassign(member);
        this.#invokeNext();
        const now = Date.now();
        if (now >= commitAt) {
          await this.#commit(member);
          commitAt = Date.now() + commitMs;
        }
        if (now >= lagAt) {
          await this.#measureLag(member);
          lagAt = Date.now() + lagMs;
        }
        await this.#fetch(member);
      }
      await Promise.all(this.#invocations);
      await this.#commit(member);
    } finally {
      await member.leave().catch(() => undefined);
    }
  }

  /** Follows a rebalance. Lanes that stay keep their records, unless another member has gone further meanwhile. */
  async #reassign(member: Member): Promise<void> {
    if (!member.active) return;
    const { generation, partitions } = member;
    const same =
      generation === this.#generation &&
      partitions.length === this.#lanes.size &&
      partitions.every((partition) => this.#lanes.has(partition));
    if (same) return;
    const committed = await member.committed(partitions);
    // Another rebalance, while the offsets were read.
    if (member.generation !== generation) return;
    const kept = new Map<number, Lane>();
    for (const [partition, offset] of committed) {
      const lane = this.#lanes.get(partition);
      kept.set(partition, lane !== undefined && offset <= lane.done ? lane : new Lane(partition, offset));
    }
    this.#lanes = kept;
    this.#generation = generation;
  }

  #isPaused(lane: Lane): boolean {
    return lane.held >= this.#options.maxRecords;
  }

  async #fetch(member: Member): Promise<void> {
    const wanted = member.active ? [...this.#lanes.values()].filter((lane) => !this.#isPaused(lane)) : [];
    if (wanted.length === 0) {
      // Until an invocation ends; a short while if none is under way.
      await Promise.race([...this.#invocations, pause(50)]);
      return;
    }
    for (const { partition, records, next } of await member.fetch(wanted)) {
      const lane = this.#lanes.get(partition);
      lane?.add(records);
      lane?.skipTo(next);
    }
  }

  /** Starts invocations, each partition in its turn, so that a busy one keeps no other from the function. */
  #invokeNext(): void {
    const lanes = [...this.#lanes.values()];
    const { maxRecords, maxConcurrency } = this.#options;
    for (let step = 0; step < lanes.length && this.#invocations.size < maxConcurrency; step += 1) {
      this.#turn = (this.#turn + 1) % lanes.length;
      const lane = lanes[this.#turn];
      const batch = lane?.take(maxRecords, Date.now()) ?? [];
      if (lane === undefined || batch.length === 0) continue;
      const invocation: Promise<void> = this.#invoke(batch)
        .then((failed) => {
          lane.settle(failed, Date.now(), Math.random());
        })
        .finally(() => this.#invocations.delete(invocation));
      this.#invocations.add(invocation);
    }
  }

  /** @returns what has to come again: all if the invocation failed or was throttled. */
  async #invoke(batch: readonly TopicRecord[]): Promise<readonly TopicRecord[]> {
    const { invoke, onTrouble, brokers } = this.#options;
    try {
      const result = await invoke(kafkaBatchEvent(batch, brokers.join(',')));
      if (result.ok) return failedRecords(batch, result.payload);
      onTrouble(result.error.errorMessage);
    } catch (error) {
      onTrouble(error instanceof Error ? error.message : String(error));
    }
    return batch;
  }

  async #commit(member: Member): Promise<void> {
    const open = [...this.#lanes.values()].filter(({ done, committed }) => done > committed);
    if (open.length === 0 || !member.active) return;
    const offsets = open.map(({ partition, done }) => ({ partition, offset: done }));
    try {
      await member.commit(offsets);
      for (const [place, lane] of open.entries()) lane.committed = offsets[place]?.offset ?? lane.committed;
    } catch (error) {
      // A rebalance, or a broker that is away: the next commit has it.
      this.#options.onTrouble(`commit: ${error instanceof Error ? error.message : error}`);
    }
  }

  async #measureLag(member: Member): Promise<void> {
    const lanes = [...this.#lanes.values()];
    if (!member.active || lanes.length === 0) return;
    const ends = await member.ends(lanes.map(({ partition }) => partition));
    this.#lag = lanes.reduce(
      (sum, { partition, done }) => sum + Number((ends.get(partition) ?? done) - done),
      0,
    );
  }
}
