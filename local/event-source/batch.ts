import type { ReceivedMessage } from '../queues/sqs.ts';

/** Lambda's event for a batch of SQS messages. */
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
 * The messages of a batch that are done according to the function's response (ReportBatchItemFailures): all of them if
 * it contains no failures; none if it is invalid or names a message that was not in the batch, as on Lambda.
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
  let response: unknown;
  try {
    response = payload.trim() === '' ? null : JSON.parse(payload);
  } catch {
    return undefined;
  }
  if (response === null) return [];
  if (typeof response !== 'object' || Array.isArray(response)) return undefined;
  const failures = (response as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === undefined || failures === null) return [];
  return Array.isArray(failures) ? failures : undefined;
}
