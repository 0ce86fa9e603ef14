/** A record of a topic. */
export interface TopicRecord {
  topic: string;
  partition: number;
  offset: bigint;
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
}

/** Lambda's event for records of one partition. */
export function kafkaBatchEvent(records: readonly TopicRecord[], bootstrapServers: string): object {
  const byPartition = Map.groupBy(records, ({ topic, partition }) => `${topic}-${partition}`);
  return {
    eventSource: 'SelfManagedKafka',
    bootstrapServers,
    records: Object.fromEntries(
      byPartition.entries().map(([name, own]) => [
        name,
        own.map(({ topic, partition, offset, timestamp, key, value }) => ({
          ...{ topic, partition, offset: Number(offset), timestamp, timestampType: 'CREATE_TIME' },
          ...(key !== null && { key: key.toString('base64') }),
          ...(value !== null && { value: value.toString('base64') }),
          headers: [],
        })),
      ]),
    ),
  };
}

/**
 * The records that failed according to the function's response (ReportBatchItemFailures in its form for Kafka): none if it
 * names none; all if it is invalid or names a record that was not in the batch.
 */
export function failedRecords(records: readonly TopicRecord[], payload: string): TopicRecord[] {
  let response: unknown;
  try {
    response = payload.trim() === '' ? null : JSON.parse(payload);
  } catch {
    return [...records];
  }
  if (response === null) return [];
  if (typeof response !== 'object') return [...records];
  const { batchItemFailures = [] } = response as { batchItemFailures?: unknown };
  if (batchItemFailures === null) return [];
  if (!Array.isArray(batchItemFailures)) return [...records];
  const names = new Map(
    records.map((record) => [`${record.topic}-${record.partition} ${record.offset}`, record]),
  );
  const failed = new Set<TopicRecord>();
  for (const one of batchItemFailures) {
    const { partition, offset } = Object((one as { itemIdentifier?: unknown } | null)?.itemIdentifier);
    const record = names.get(`${partition} ${offset}`);
    if (record === undefined) return [...records];
    failed.add(record);
  }
  return records.filter((record) => failed.has(record));
}
