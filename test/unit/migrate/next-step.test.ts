import { describe, expect, it } from 'vitest';
import { nextStep } from '../../../lambda/migrate/next-step.ts';
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
  deadLettered: false,
};
const step = (changes: Partial<Inspected>) => nextStep({ ...base, ...changes }, settings);

describe('a person is told what happens next with an image', () => {
  it.each<[Partial<Inspected>, string]>([
    [{ status: 'awaiting_upload', ticketSeconds: 500 }, 'the ticket is good for 8 minutes more'],
    [{ status: 'awaiting_upload', ticketSeconds: -1 }, 'Its ticket ran out 1 second ago. The sweep'],
    [{ status: 'queued', waitedSeconds: 40 }, 'on its way for 40 seconds. A lost one is sent again'],
    [{ status: 'queued', failures: 2 }, 'tried again after 2 of 5 counted failures'],
    [{ status: 'queued', leaseStage: 'beside' }, 'suspected of having killed or hung a worker'],
    [
      { status: 'processing', leaseSeconds: 30, leaseStage: 'alone' },
      'works on it alone, for 30 seconds more',
    ],
    [
      { status: 'processing', leaseSeconds: -7_200 },
      'the lease ended 2 hours ago. The sweep sends its message again',
    ],
    [{ status: 'ready' }, 'It is done. It is kept until it is deleted.'],
    [
      { status: 'rejected' },
      'by its own fault, which its tenant reads. Nobody tries it again. It is kept for 30 days',
    ],
    [{ status: 'failed', failures: 5, deadLettered: true }, 'redrive the queue'],
    [{ status: 'failed', failures: 5 }, 'The dead-letter queue has not been told'],
    [{ status: 'expired' }, 'It is kept for 1 day from its end'],
    [{ status: 'ready', deletedAt: new Date(0) }, 'It was deleted'],
  ])('%j', (changes, words) => {
    expect(step(changes)).toContain(words);
  });

  it('once it is queued, not of a failure that there was none', () => {
    expect(step({ status: 'queued' })).not.toMatch(/tried again after|suspected/);
  });
});
