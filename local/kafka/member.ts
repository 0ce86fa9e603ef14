import { Consumer } from '@platformatic/kafka';
import type { TopicRecord } from './batch.ts';

export interface MemberOptions {
  brokers: readonly string[];
  topic: string;
  groupId: string;
  /** Without a heartbeat for so long, the group gives the member's partitions to others. */
  sessionTimeoutMs: number;
  /** `max.poll.interval.ms`: how long a rebalance waits for a member. */
  maxPollIntervalMs: number;
}

/** Where a partition is fetched from, and what is asked of it. */
export interface Wanted {
  partition: number;
  position: bigint;
}
export interface Fetched {
  partition: number;
  records: TopicRecord[];
  /** Offset after the last record or marker. */
  next: bigint;
}

/** Bytes of a partition in one fetch: about 60 events. A larger record batch is given whole. */
const bytesPerPartition = 64 * 1024;
/**
 * How long the broker waits for a first record. Short, because it answers the requests of a connection in turn: a commit
 * would wait as long.
 */
const waitMs = 100;
/** Mode of a partition without a committed offset: its earliest record. */
const earliest = -2n;

/** A member of a consumer group, without its own buffering: it fetches only what it is asked for. */
export class Member {
  readonly #consumer: Consumer;
  readonly #topic: string;
  /** Resolves with the error that ended the membership. */
  readonly failed: Promise<Error>;

  constructor({ brokers, topic, groupId, sessionTimeoutMs, maxPollIntervalMs }: MemberOptions) {
    this.#topic = topic;
    this.#consumer = new Consumer({
      clientId: 'sluice-mapping',
      bootstrapBrokers: [...brokers],
      groupId,
      autocommit: false,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: maxPollIntervalMs,
      heartbeatInterval: Math.max(100, Math.floor(sessionTimeoutMs / 10)),
      // A partition stays with its member in a rebalance, so its batch is not repeated elsewhere.
      protocols: [{ name: 'cooperative-sticky', version: 1 }],
      retries: 5,
      retryDelay: 200,
    });
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.failed = promise;
    this.#consumer.on('error', resolve);
    this.#consumer.on('consumer:heartbeat:stalled', () => resolve(new Error('no heartbeat was accepted')));
  }

  async join(): Promise<void> {
    this.#consumer.topics.trackAll(this.#topic);
    await this.#consumer.joinGroup();
  }

  /** Changes with each rebalance. */
  get generation(): number {
    return this.#consumer.generationId;
  }

  /** False during a rebalance. */
  get active(): boolean {
    return this.#consumer.isActive();
  }

  get partitions(): number[] {
    return this.#consumer.assignments?.find(({ topic }) => topic === this.#topic)?.partitions ?? [];
  }

  /** Committed offsets, or those of the earliest records where none is committed, or retention has removed its record. */
  async committed(partitions: readonly number[]): Promise<Map<number, bigint>> {
    if (partitions.length === 0) return new Map();
    const topic = this.#topic;
    const offsets = (
      await this.#consumer.listCommittedOffsets({ topics: [{ topic, partitions: [...partitions] }] })
    ).get(topic);
    const first = await this.#ends(partitions, earliest);
    return new Map(
      partitions.map((partition) => {
        const committed = offsets?.[partition] ?? -1n;
        const oldest = first.get(partition) ?? 0n;
        return [partition, committed > oldest ? committed : oldest];
      }),
    );
  }

  /** Offsets after the newest records. */
  ends(partitions: readonly number[]): Promise<Map<number, bigint>> {
    return this.#ends(partitions);
  }

  async #ends(partitions: readonly number[], timestamp?: bigint): Promise<Map<number, bigint>> {
    const topic = this.#topic;
    const asked = { topics: [topic], partitions: { [topic]: [...partitions] } };
    const all = (
      await this.#consumer.listOffsets({ ...asked, ...(timestamp !== undefined && { timestamp }) })
    ).get(topic);
    return new Map(partitions.map((partition) => [partition, all?.[partition] ?? 0n]));
  }

  async fetch(wanted: readonly Wanted[]): Promise<Fetched[]> {
    const metadata = await this.#consumer.metadata({ topics: [this.#topic] });
    const topic = metadata.topics.get(this.#topic);
    if (topic === undefined) throw new Error(`there is no topic ${this.#topic}`);
    const byLeader = Map.groupBy(wanted, ({ partition }) => topic.partitions[partition]?.leader ?? -1);
    const answers = await Promise.all(
      byLeader.entries().map(([node, own]) =>
        this.#consumer.fetch({
          ...{ node, minBytes: 1, maxBytes: bytesPerPartition * own.length, maxWaitTime: waitMs },
          topics: own.map(({ partition, position }) => ({
            topicId: topic.id,
            partitions: [
              {
                ...{ partition, fetchOffset: position, partitionMaxBytes: bytesPerPartition },
                ...{ currentLeaderEpoch: -1, lastFetchedEpoch: -1 },
              },
            ],
          })),
        }),
      ),
    );
    return answers
      .flatMap(({ responses }) => responses)
      .flatMap(({ partitions }) => partitions)
      .flatMap(({ partitionIndex: partition, records }) => {
        const last = records?.at(-1);
        if (records == null || last === undefined) return [];
        const next = last.firstOffset + BigInt(last.lastOffsetDelta) + 1n;
        return [{ partition, next, records: records.flatMap((batch) => this.#recordsOf(batch, partition)) }];
      });
  }

  #recordsOf(
    batch: {
      attributes: number;
      firstOffset: bigint;
      firstTimestamp: bigint;
      records: { offsetDelta: number; timestampDelta: bigint; key: Buffer | null; value: Buffer | null }[];
    },
    partition: number,
  ): TopicRecord[] {
    // Markers of transactions.
    if ((batch.attributes & 0x20) !== 0) return [];
    return batch.records.map(({ offsetDelta, timestampDelta, key, value }) => ({
      topic: this.#topic,
      partition,
      offset: batch.firstOffset + BigInt(offsetDelta),
      timestamp: Number(batch.firstTimestamp + timestampDelta),
      key,
      value,
    }));
  }

  async commit(offsets: readonly { partition: number; offset: bigint }[]): Promise<void> {
    if (offsets.length === 0) return;
    await this.#consumer.commit({
      offsets: offsets.map((one) => ({ ...one, topic: this.#topic, leaderEpoch: -1 })),
    });
  }

  /** Leaves the group, so that others take over at once. */
  async leave(): Promise<void> {
    await this.#consumer.close(true);
  }
}
