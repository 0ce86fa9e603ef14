import {
  deadLetterDays,
  leaseGraceSeconds,
  lostAfterSeconds,
  ticketGraceSeconds,
} from '../domain/patience.ts';
import type { Settings } from '../domain/settings.ts';
import type { Inspected } from '../postgres/images/inspection.ts';

/** Settings that the explanation needs. */
export type NextStepSettings = Pick<Settings, 'retention'> & {
  process: Pick<Settings['process'], 'maxAttempts'>;
};

/** Explains to an operator what happens next with an image. */
export function nextStep(image: Inspected, { process, retention }: NextStepSettings): string {
  const { status, failures, leaseSeconds, leaseStage, ticketSeconds } = image;
  const counted = `${failures} of ${process.maxAttempts} counted failures`;
  if (image.deletedAt !== null)
    return 'It was deleted and is no longer visible. The sweep removes its objects and row after its ticket and lease have ended.';
  switch (status) {
    case 'awaiting_upload':
      if (ticketSeconds > 0)
        return `It waits for its upload: the ticket is valid for ${span(ticketSeconds)} more.`;
      return `Its ticket expired ${span(-ticketSeconds)} ago. ${span(ticketGraceSeconds)} after that, the sweep looks for an upload once more and otherwise marks the image as expired.`;
    case 'queued': {
      const suspected =
        leaseStage === 'beside'
          ? ' It is suspected of having killed or hung a worker, and is processed alone.'
          : '';
      const again = failures > 0 ? ` It is retried after ${counted}; the pauses grow to 15 minutes.` : '';
      return (
        `Its message was sent ${span(image.waitedSeconds)} ago. The sweep sends a lost message again: after ` +
        `${span(lostAfterSeconds.emptyQueue)} if the queue is empty, otherwise after ` +
        `${span(lostAfterSeconds.busyQueue)}.${again}${suspected}`
      );
    }
    case 'processing':
      if (leaseSeconds !== null && leaseSeconds > 0)
        return `A worker has it, ${stages[leaseStage ?? 'waiting']}, for at most ${span(leaseSeconds)} more.`;
      return (
        `Its worker died or was interrupted: the lease ended ${span(-(leaseSeconds ?? 0))} ago. The sweep sends its ` +
        `message again ${span(leaseGraceSeconds)} after that, and the next worker decides whether the death counts.`
      );
    case 'ready':
      return `It is done. ${kept(retention.rows.readyDays)}`;
    case 'rejected':
      return `It was rejected for its content; its tenant sees the reason. It is not retried. ${kept(retention.rows.rejectedDays)}`;
    case 'failed':
      return (
        `It failed for a reason on our side, after ${counted}. ` +
        (image.deadLettered
          ? `Its message is in the dead-letter queue for ${deadLetterDays} days after the failure: fix the cause, then redrive the queue ("The dead-letter queue" in docs/operations.md), which starts it over. `
          : 'Its message is not in the dead-letter queue yet: the next message about it puts it there. ') +
        kept(retention.rows.failedDays)
      );
    case 'superseded':
      return `A newer image of its name, ${image.supersededBy}, arrived before it was processed. The sweep removes its objects. ${kept(retention.rows.supersededDays)}`;
    case 'expired':
      return `Nothing was uploaded in time. ${kept(retention.rows.expiredDays)}`;
  }
}

const stages = {
  waiting: 'where it waits for its turn',
  beside: 'which processes it together with others',
  alone: 'which processes it alone',
};

function kept(days: number | undefined): string {
  return days === undefined
    ? 'It is kept until it is deleted.'
    : `It is kept for ${days} ${days === 1 ? 'day' : 'days'} after its final status.`;
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
