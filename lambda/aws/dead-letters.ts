import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { queueClient } from './queue-client.ts';
import { nameOf, options } from './storage-fault.ts';

/** Why a message is dead, for whoever reads the dead-letter queue. Each is sent as an attribute of its message. */
export interface DeadLetter {
  body: string;
  /** The tenant, as the message group; absent where the message names none. */
  tenant?: string | undefined;
  /** A stable word to sort by. */
  reason: string;
  /** Failures that were counted against the image. */
  attempts: number;
  /** What went wrong last, in words for an operator. */
  lastError: string;
}

/** The dead-letter queue, as somebody who sends to it. */
export interface DeadLetterQueue {
  /**
   * Sends letters, and answers for each whether SQS took it; never throws. One by one, because bodies may be as long
   * as SQS allows, and a batch has that limit for all of them together.
   */
  sendLetters(letters: readonly DeadLetter[], signal?: AbortSignal): Promise<LetterSent[]>;
}
export type LetterSent = { sent: true } | { sent: false; reason: string };

/** Opens the dead-letter queue. Nothing is sent until a method is called. */
export function openDeadLetterQueue({
  queueUrl,
  client = queueClient(),
}: {
  queueUrl: string;
  client?: SQSClient;
}): DeadLetterQueue {
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

/** SQS takes no empty value and no control character but tab and line ends. */
function attributeText(text: string): string {
  const allowed = text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/g, '\u{FFFD}');
  return allowed.slice(0, 1_000) || 'none';
}
