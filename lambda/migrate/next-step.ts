import {
  deadLetterDays,
  leaseGraceSeconds,
  lostAfterSeconds,
  ticketGraceSeconds,
} from '../domain/patience.ts';
import type { Settings } from '../domain/settings.ts';
import type { Inspected } from '../postgres/images/inspection.ts';

/** Settings that the explanation needs. */
export type Terms = Pick<Settings, 'retention'> & { process: Pick<Settings['process'], 'maxAttempts'> };

/** Explains to an operator what happens next with an image. */
export function nextStep(image: Inspected, { process, retention }: Terms): string {
  const { status, failures, leaseSeconds, leaseStage, ticketSeconds } = image;
  const counted = `${failures} of ${process.maxAttempts} counted failures`;
  if (image.deletedAt !== null)
    return 'It was deleted: nobody sees it any more. The sweep takes its objects and its row once its ticket and its lease are over.';
  switch (status) {
    case 'awaiting_upload':
      if (ticketSeconds > 0)
        return `It waits for its upload: the ticket is good for ${span(ticketSeconds)} more.`;
      return `Its ticket ran out ${span(-ticketSeconds)} ago. The sweep looks for an upload once more and ends it as expired ${span(ticketGraceSeconds)} after that.`;
    case 'queued': {
      const suspected =
        leaseStage === 'beside'
          ? ' It is suspected of having killed or hung a worker, and is tried alone.'
          : '';
      const again = failures > 0 ? ` It is tried again after ${counted}; the pauses grow to 15 minutes.` : '';
      return (
        `Its message has been on its way for ${span(image.waitedSeconds)}. A lost one is sent again by the sweep: after ` +
        `${span(lostAfterSeconds.emptyQueue)} where the queue is empty, after ${span(lostAfterSeconds.busyQueue)} where it is ` +
        `not.${again}${suspected}`
      );
    }
    case 'processing':
      if (leaseSeconds !== null && leaseSeconds > 0)
        return `A worker has it, ${stages[leaseStage ?? 'waiting']}, for ${span(leaseSeconds)} more at the most.`;
      return (
        `Its worker died or was cut off: the lease ended ${span(-(leaseSeconds ?? 0))} ago. The sweep sends its message ` +
        `again ${span(leaseGraceSeconds)} after that, and the next worker judges the death.`
      );
    case 'ready':
      return `It is done. ${kept(retention.rows.readyDays)}`;
    case 'rejected':
      return `It is at its end by its own fault, which its tenant reads. Nobody tries it again. ${kept(retention.rows.rejectedDays)}`;
    case 'failed':
      return (
        `It is at its end by our fault, after ${counted}. ` +
        (image.deadLettered
          ? `Its letter is in the dead-letter queue, ${deadLetterDays} days from when it failed: mend the cause, then redrive the queue ("The dead-letter queue" in docs/operations.md), which starts it over. `
          : 'The dead-letter queue has not been told: the next message about it does that. ') +
        kept(retention.rows.failedDays)
      );
    case 'expired':
      return `Nobody uploaded it in time. ${kept(retention.rows.expiredDays)}`;
  }
}

const stages = {
  waiting: 'where it waits its turn',
  beside: 'who works on it beside others',
  alone: 'who works on it alone',
};

function kept(days: number | undefined): string {
  return days === undefined
    ? 'It is kept until it is deleted.'
    : `It is kept for ${days} ${days === 1 ? 'day' : 'days'} from its end.`;
}

/** Human-readable: 40 seconds, 12 minutes, 5 hours, 3 days. */
function span(seconds: number): string {
  const [size, name] =
    seconds < 100
      ? [1, 'second']
      : seconds < 6_000
        ? [60, 'minute']
        : seconds < 172_800
          ? [3_600, 'hour']
          : ([86_400, 'day'] as const);
  const count = Math.round(seconds / Number(size));
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
