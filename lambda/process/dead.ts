import type { SQSRecord } from 'aws-lambda';
import type { DeadLetter, LetterSent } from '../aws/dead-letters.ts';
import { jobBody } from '../domain/job.ts';
import { markDeadLettered } from '../postgres/images/dead-lettered.ts';
import { untilAborted } from '../runtime/deadline.ts';
import type { Surroundings } from './dependencies.ts';
import type { Assignment } from './records.ts';
import type { Death, Settled } from './verdict.ts';

/** Images with what their messages are told, and the messages that are no jobs. */
export interface SettledBatch {
  verdicts: ReadonlyMap<Assignment, Settled>;
  unparsable: readonly SQSRecord[];
}

/** A letter, the messages that it stands for, and the failed image that it is about. */
interface Envelope {
  letter: DeadLetter & Pick<Death, 'reason'>;
  records: readonly SQSRecord[];
  failed?: { imageId: string; attempt: number };
}

/**
 * Sends what is dead to the dead-letter queue in one step, one letter for an image and one for each message that is no
 * job, and answers with the verdict of every message. What SQS did not take backs off and is sent another time.
 */
export async function sendDead(
  { verdicts, unparsable }: SettledBatch,
  surroundings: Surroundings,
): Promise<Map<SQSRecord, Settled>> {
  const envelopes = [
    ...unparsable.map(foreign),
    ...[...verdicts].flatMap(([assignment, verdict]) =>
      typeof verdict === 'object' && 'dead' in verdict ? [about(assignment, verdict.dead)] : [],
    ),
  ];
  const ofRecords = new Map<SQSRecord, Settled>();
  for (const [{ records }, verdict] of verdicts) for (const record of records) ofRecords.set(record, verdict);
  const answers = await send(envelopes, surroundings);
  for (const [place, { records }] of envelopes.entries())
    for (const record of records) ofRecords.set(record, answers[place]?.sent === true ? 'done' : 'again');
  await remember(
    envelopes.filter((_, place) => answers[place]?.sent === true),
    surroundings,
  );
  return ofRecords;
}

function foreign(record: SQSRecord): Envelope {
  const lastError = 'the message is no job that this version knows';
  return { letter: { body: record.body, reason: 'not_a_job', attempts: 0, lastError }, records: [record] };
}

/** The attempt is in the body too: brought back by whatever means, the message says which failure it is about. */
function about({ tenant, imageId, records }: Assignment, death: Death): Envelope {
  const { reason, attempt, failures, lastError } = death;
  const body = jobBody({ tenant, imageId, failedAttempt: attempt });
  return {
    letter: { body, tenant, reason, attempts: failures, lastError },
    records,
    ...(attempt === undefined ? {} : { failed: { imageId, attempt } }),
  };
}

async function send(
  envelopes: readonly Envelope[],
  { deadLetters, deadline, log, metrics }: Surroundings,
): Promise<LetterSent[]> {
  if (envelopes.length === 0) return [];
  const letters = envelopes.map(({ letter }) => letter);
  const answers = await untilAborted(
    deadLetters.sendLetters(letters, deadline.answer),
    deadline.answer,
  ).catch((error: unknown): LetterSent[] => letters.map(() => ({ sent: false, reason: String(error) })));
  for (const [place, { failed, letter }] of envelopes.entries()) {
    const { reason, attempts, lastError } = letter;
    const fields = { imageId: failed?.imageId, tenant: letter.tenant, reason, attempts, lastError };
    const answer = answers[place];
    if (answer?.sent === true) {
      log.error('Sent to the dead-letter queue', fields);
      metrics.add('MessagesDeadLettered', { Reason: reason });
    } else log.error('The dead-letter queue did not take a message', { ...fields, error: answer?.reason });
  }
  return answers;
}

/** Where this is lost, another message about the image tells the dead-letter queue once more; no harm is done. */
async function remember(sent: readonly Envelope[], { database, deadline, log }: Surroundings): Promise<void> {
  const failed = sent.flatMap(({ failed }) => (failed === undefined ? [] : [failed]));
  if (failed.length === 0) return;
  await database
    .run((connection) => markDeadLettered(connection, failed), { signal: deadline.answer })
    .catch((error: unknown) => log.warn('That the dead-letter queue was told is not recorded', { error }));
}
