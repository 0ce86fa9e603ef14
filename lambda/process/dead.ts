import type { SQSRecord } from 'aws-lambda';
import type { DeadLetter, LetterSent } from '../aws/dead-letters.ts';
import { jobBody } from '../domain/job.ts';
import type { Attempt } from '../postgres/images/commit.ts';
import { markDeadLettered } from '../postgres/images/dead-lettered.ts';
import { untilAborted } from '../runtime/deadline.ts';
import type { BatchContext } from './dependencies.ts';
import type { Assignment } from './records.ts';
import type { Verdict } from './verdict.ts';

type Dead = Extract<Verdict, { dead: string }>;

/** A letter, the messages that it stands for, and its failed image. */
interface Envelope {
  letter: DeadLetter & { reason: 'not_a_job' | Dead['dead'] };
  records: readonly SQSRecord[];
  failed?: Attempt;
}

/**
 * Sends dead messages to the dead-letter queue: one letter per image, and one per message that is no job.
 * @returns the verdict on each message. Those that SQS did not accept back off and are sent again.
 */
export async function sendDead(
  verdicts: ReadonlyMap<Assignment, Verdict>,
  unparsable: readonly SQSRecord[],
  context: BatchContext,
): Promise<Map<SQSRecord, Verdict>> {
  const ofRecords = new Map<SQSRecord, Verdict>();
  const envelopes = unparsable.map(notAJob);
  for (const [assignment, verdict] of verdicts) {
    for (const record of assignment.records) ofRecords.set(record, verdict);
    if (typeof verdict === 'object' && 'dead' in verdict) envelopes.push(letterAbout(assignment, verdict));
  }
  const answers = await send(envelopes, context);
  const sent = envelopes.filter((_, place) => answers[place]?.sent === true);
  for (const envelope of envelopes)
    for (const record of envelope.records) ofRecords.set(record, sent.includes(envelope) ? 'done' : 'again');
  await remember(
    sent.flatMap(({ failed }) => failed ?? []),
    context,
  );
  return ofRecords;
}

function notAJob(record: SQSRecord): Envelope {
  const lastError = 'the message is no job that this version knows';
  return { letter: { body: record.body, reason: 'not_a_job', attempts: 0, lastError }, records: [record] };
}

/** The body holds the attempt, so that a redriven message names its failure. */
function letterAbout(
  { tenant, imageId, records }: Assignment,
  { dead: reason, attempt, failures, lastError }: Dead,
): Envelope {
  const body = jobBody({ tenant, imageId, failedAttempt: attempt });
  const letter = { body, tenant, reason, attempts: failures, lastError };
  return { letter, records, failed: { imageId, attempt } };
}

async function send(
  envelopes: readonly Envelope[],
  { deadLetters, deadline, log, metrics }: BatchContext,
): Promise<LetterSent[]> {
  if (envelopes.length === 0) return [];
  const letters = envelopes.map(({ letter }) => letter);
  const answers = await untilAborted(
    deadLetters.sendLetters(letters, deadline.answer),
    deadline.answer,
  ).catch((error: unknown): LetterSent[] => letters.map(() => ({ sent: false, reason: String(error) })));
  for (const [place, { failed, letter }] of envelopes.entries()) {
    const { tenant, reason, attempts, lastError } = letter;
    const fields = { imageId: failed?.imageId, tenant, reason, attempts, lastError };
    const answer = answers[place];
    if (answer?.sent === true) {
      log.error('Sent to the dead-letter queue', fields);
      metrics.add('MessagesDeadLettered', { Reason: reason });
    } else log.error('The dead-letter queue did not take a message', { ...fields, error: answer?.reason });
  }
  return answers;
}

/** If this is lost, another message about the image sends a second letter, which does no harm. */
async function remember(
  failed: readonly Attempt[],
  { database, deadline, log, errors }: BatchContext,
): Promise<void> {
  if (failed.length === 0) return;
  await database
    .run((connection) => markDeadLettered(connection, failed), { signal: deadline.answer })
    .catch((error: unknown) => {
      errors.push(error);
      log.warn('The sent letter could not be recorded', { error });
    });
}
