import type { ReceivedMessage } from '../queues/sqs.ts';

/** The event of a batch, as Lambda makes it of SQS messages. */
export function batchEvent(messages: readonly ReceivedMessage[], eventSourceARN: string): object {
  return {
    Records: messages.map((message) => ({
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes ?? {},
      messageAttributes: Object.fromEntries(
        Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
          name,
          { dataType: value.DataType, stringValue: value.StringValue, binaryValue: value.BinaryValue },
        ]),
      ),
      md5OfBody: message.MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN,
      awsRegion: eventSourceARN.split(':')[3],
    })),
  };
}

/**
 * Which messages of a batch are done, by the function's answer (ReportBatchItemFailures). An answer without
 * failures means all of them. One that cannot be read, or that names a message that was not in the batch,
 * means none: Lambda treats the whole batch as failed.
 */
export function doneMessages(messages: readonly ReceivedMessage[], payload: string): ReceivedMessage[] {
  const failures = failedIds(payload);
  if (failures === undefined) return [];
  const known = new Set(messages.map(({ MessageId }) => MessageId));
  const failed = new Set<string>();
  for (const failure of failures) {
    const id = (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier;
    if (typeof id !== 'string' || !known.has(id)) return [];
    failed.add(id);
  }
  return messages.filter(({ MessageId }) => !failed.has(MessageId));
}

function failedIds(payload: string): unknown[] | undefined {
  let answer: unknown;
  try {
    answer = payload.trim() === '' ? null : JSON.parse(payload);
  } catch {
    return undefined;
  }
  if (answer === null) return [];
  if (typeof answer !== 'object' || Array.isArray(answer)) return undefined;
  const failures = (answer as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === undefined || failures === null) return [];
  return Array.isArray(failures) ? failures : undefined;
}
