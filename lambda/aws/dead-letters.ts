import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type QueueOptions, queueClient } from './queue-client.ts';
import { nameOf, options } from './storage-fault.ts';

/** A dead message and its reasons, sent as message attributes. */
export interface DeadLetter {
  body: string;
  /** Message group; absent if the message names no tenant. */
  tenant?: string | undefined;
  /** Stable word for sorting. */
  reason: string;
  /** Failures that were counted against the image. */
  attempts: number;
  /** Last error, for an operator. */
  lastError: string;
}

/** Sends to the dead-letter queue. */
export interface DeadLetterQueue {
  /** Sends letters and reports which SQS accepted; never throws. Singly: batches share one size limit. */
  sendLetters(letters: readonly DeadLetter[], signal?: AbortSignal): Promise<LetterSent[]>;
}
export type LetterSent = { sent: true } | { sent: false; reason: string };

/** Opens the dead-letter queue without sending anything. */
export function openDeadLetterQueue({ queueUrl, client = queueClient() }: QueueOptions): DeadLetterQueue {
  return {
    sendLetters: (letters, signal) =>
      Promise.all(
        letters.map((letter) =>
          client.send(messageOf(queueUrl, letter), options(signal)).then(
            (): LetterSent => ({ sent: true }),
            (error: unknown): LetterSent => ({ sent: false, reason: nameOf(error) }),
          ),
        ),
      ),
  };
}

function messageOf(queueUrl: string, letter: DeadLetter): SendMessageCommand {
  return new SendMessageCommand({
    QueueUrl: queueUrl,
    MessageBody: letter.body,
    ...(letter.tenant === undefined ? {} : { MessageGroupId: letter.tenant }),
    MessageAttributes: {
      Reason: { DataType: 'String', StringValue: letter.reason },
      Attempts: { DataType: 'Number', StringValue: String(letter.attempts) },
      LastError: { DataType: 'String', StringValue: attributeText(letter.lastError) },
    },
  });
}

/** SQS accepts no empty values and no control characters but tab and line ends. */
function attributeText(text: string): string {
  const allowed = text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/g, '\u{FFFD}');
  return allowed.slice(0, 1_000) || 'none';
}
