import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { jobBody, parseJob } from '../../lambda/domain/job.ts';
import { readRecords, receiveCount } from '../../lambda/process/records.ts';
import { recordings } from './recordings.ts';

const batches = recordings('jobs').map(({ name, message }) => [name, message as SQSEvent] as const);

describe.each(batches)('the batch %s', (_name, { Records: records }) => {
  it('a recorded batch names its images', () => {
    const { assignments, unparsable } = readRecords(records);
    expect(unparsable).toEqual([]);
    expect(assignments.map(({ tenant, imageId, records: same }) => ({ tenant, imageId, same }))).toEqual(
      records.map((record) => {
        const { tenant, imageId } = JSON.parse(record.body) as { tenant: string; imageId: string };
        return { tenant, imageId, same: [record] };
      }),
    );
  });

  it('a recorded batch has the receive count of each message', () => {
    expect(records.map(receiveCount)).toEqual(
      records.map(({ attributes }) => Number(attributes.ApproximateReceiveCount)),
    );
  });
});

describe('a message from the dead-letter queue', () => {
  it('a message from the dead-letter queue has the attempt that failed, and restarts the image', () => {
    const { message } = recordings('jobs').find(({ name }) => name.startsWith('jobs.letter.')) ?? {};
    const { assignments } = readRecords((message as SQSEvent).Records);
    expect(assignments).toMatchObject([{ failedAttempt: 7 }]);
  });

  it('a message that SQS itself moved has no attempt, because its image has not failed', () => {
    const { message } = recordings('jobs').find(({ name }) => name.startsWith('jobs.redriven.')) ?? {};
    const { assignments } = readRecords((message as SQSEvent).Records);
    expect(assignments[0]).not.toHaveProperty('failedAttempt');
  });
});

describe('a message to complete an image', () => {
  it('a message to complete an image names it, and does nothing else', () => {
    const { message } = recordings('jobs').find(({ name }) => name.startsWith('jobs.complete.')) ?? {};
    const { assignments } = readRecords((message as SQSEvent).Records);
    expect(assignments).toMatchObject([{ complete: true, versions: [] }]);
  });
});

describe('messages that are sent now', () => {
  it('every message that is sent has a recorded form, which the previous version was tested with', () => {
    const bodies = batches.flatMap(([, { Records: records }]) => records.map(({ body }) => body));
    const known = bodies.filter((body) => {
      const job = parseJob(body);
      return job !== undefined && jobBody(job) === body;
    });
    expect(known, 'record the new form first, deploy what understands it, then send it').not.toEqual([]);
  });
});
