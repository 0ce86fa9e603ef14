import { describe, expect, it } from 'vitest';
import { uploadsOf } from '../../lambda/enqueue/uploaded.ts';
import { recordings } from './recordings.ts';

const image = { tenant: 'acme', imageId: '018f7a3e-5b2c-7c41-9d0e-3f2a1b4c5d6e' };

describe('an event of S3', () => {
  it.each(recordings('upload'))('the event $name of S3 becomes a job', ({ message }) => {
    expect(uploadsOf(message)).toEqual({ uploaded: [image], ignored: [] });
  });

  it.each(recordings('notice'))('the event $name of S3 is acknowledged without a job', ({ message }) => {
    const { uploaded, ignored } = uploadsOf(message);
    expect(uploaded).toEqual([]);
    expect(ignored).toEqual([expect.objectContaining({ reason: expect.any(String) })]);
  });
});
