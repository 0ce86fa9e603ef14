import { sqsText } from './sqs-text.ts';

/** Bytes of a body; SQS takes 1,048,576 with the attributes. */
const mostBytes = 1_000_000;
/** Whole groups of base64 below that. */
const mostEncodedBytes = (mostBytes / 4) * 3;

/** Characters that SQS refuses: what XML 1.0 does not allow. */
const unsendable = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** What was refused: text, and the bytes as they came where they are no UTF-8. */
export interface RefusedContent {
  text: string;
  raw?: Uint8Array | undefined;
}

/** A body that SQS takes. */
export interface RefusedBody {
  body: string;
  /** Absent: the text as it came. */
  encoding?: 'base64';
  /** All bytes, where the body has only the first 750,000 of them. */
  cutFrom?: number;
}

/**
 * The body of a message with what was refused: as text if SQS takes it, otherwise in base64. A topic has whatever
 * others write into it, and a record that cannot be parked would come again for ever and hold its partition.
 */
export function refusedBody({ text, raw }: RefusedContent): RefusedBody {
  // SQS takes no empty message (a tombstone of Kafka).
  if (text === '') return { body: '(empty)' };
  const sendable = sqsText(text);
  if (raw === undefined && !unsendable.test(sendable) && Buffer.byteLength(sendable) <= mostBytes)
    return { body: sendable };
  const bytes = raw === undefined ? Buffer.from(text) : Buffer.from(raw);
  return {
    body: bytes.subarray(0, mostEncodedBytes).toString('base64'),
    encoding: 'base64',
    ...(bytes.length > mostEncodedBytes && { cutFrom: bytes.length }),
  };
}
