import { describe, expect, it } from 'vitest';
import { nextStep } from '../../../lambda/operate/next-step.ts';
import type { Inspected } from '../../../lambda/postgres/images/inspection.ts';
import { settings } from './settings.ts';

const base: Inspected = {
  id: '019a2b3c-4d5e-7f60-8123-456789abcdef',
  tenant: 'acme',
  status: 'queued',
  createdAt: new Date(0),
  updatedAt: new Date(0),
  enqueuedAt: null,
  deletedAt: null,
  ageSeconds: 100,
  unchangedSeconds: 40,
  waitedSeconds: 40,
  ticketSeconds: 500,
  leaseSeconds: null,
  leaseStage: null,
  attempt: 0,
  failures: 0,
  lastError: null,
  errorCode: null,
  errorDetail: null,
  supersededBy: null,
  deadLettered: false,
};
const step = (changes: Partial<Inspected>) => nextStep({ ...base, ...changes }, settings);

describe('the next step of an image', () => {
  it.each<[Partial<Inspected>, string]>([
    [{ status: 'awaiting_upload', ticketSeconds: 500 }, 'the ticket is valid for 8 minutes more'],
    [{ status: 'awaiting_upload', ticketSeconds: -1 }, 'Its ticket expired 1 second ago.'],
    [
      { status: 'queued', waitedSeconds: 40 },
      'was sent 40 seconds ago. The sweep sends a lost message again',
    ],
    [{ status: 'queued', failures: 2 }, 'retried after 2 of 5 counted failures'],
    [{ status: 'queued', leaseStage: 'beside' }, 'suspected of having killed or hung a worker'],
    [
      { status: 'processing', leaseSeconds: 30, leaseStage: 'alone' },
      'processes it alone, for at most 30 seconds more',
    ],
    [
      { status: 'processing', leaseSeconds: -7_200 },
      'the lease ended 2 hours ago. The sweep sends its message again',
    ],
    [{ status: 'ready' }, 'It is done. It is kept until it is deleted.'],
    [{ status: 'rejected' }, 'its tenant sees the reason. It is not retried. It is kept for 30 days'],
    [{ status: 'failed', failures: 5, deadLettered: true }, 'redrive the queue'],
    [{ status: 'failed', failures: 5 }, 'not in the dead-letter queue yet'],
    [{ status: 'expired' }, 'It is kept for 1 day after its final status'],
    [{ status: 'ready', deletedAt: new Date(0) }, 'It was deleted'],
  ])('%j', (changes, words) => {
    expect(step(changes)).toContain(words);
  });

  it('a queued image without failures mentions none', () => {
    expect(step({ status: 'queued' })).not.toMatch(/retried after|suspected/);
  });
});
