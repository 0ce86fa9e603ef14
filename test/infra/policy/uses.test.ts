import { describe, expect, it } from 'vitest';
import type { FunctionName } from '../../../lib/catalogue/catalogue.ts';
import { commands, namedInCode, sentBy, signers, ways, waysOf } from './commands.ts';

describe('the table of the AWS calls of the code', () => {
  it('the table has exactly the commands and signers that the functions use', () => {
    const named = namedInCode();
    const known = Object.keys(commands).map((name) => name.replace(' of a version', ''));
    expect(named.commands).toEqual([...new Set(known)].sort());
    expect(named.signers).toEqual(Object.keys(signers).sort());
  });

  it.each([
    [
      'api',
      [
        ...['bucket.headOriginal', 'bucket.putOriginal', 'delivery.origin', 'delivery.variantUrl'],
        'deliveryResults.send',
        ...[
          'nudges.send',
          'nudges.settled',
          'queue.sendJobs',
          'uploadForms.origin',
          'uploadForms.uploadForm',
        ],
      ],
    ],
    ['enqueue', ['queue.sendJobs']],
    [
      'process',
      [
        'bucket.findFirstUpload',
        'bucket.getOriginal',
        'bucket.putVariant',
        'deadLetters.sendLetters',
        'nudges.send',
        'nudges.settled',
        'queue.changeVisibility',
      ],
    ],
    [
      'sweep',
      [
        ...['bucket.deleteAt', 'bucket.deleteVersion', 'bucket.findUploaded', 'exportFiles.abort'],
        ...['queue.queueDepth', 'queue.sendJobs'],
      ],
    ],
    ['relay', ['deliveryResults.send', 'eventBuses.put', 'nudges.send', 'queues.send', 'refusedEvents.send']],
    ['exportjob', ['files.abort', 'files.complete', 'files.create', 'files.putPart']],
    ['export', []],
    ['analytics', ['refusedEvents.send']],
    ['audit', ['refusedEvents.send']],
    ['dispatch', ['deliveries.send', 'deliveryResults.send']],
    ['deliver', ['deliveryResults.send']],
    ['migrate', []],
    ['operate', []],
  ] as [FunctionName, string[]][])('knows the ways that %s goes', (name, expected) => {
    expect(waysOf(name)).toEqual(expected);
    for (const way of expected) expect(ways).toHaveProperty([way]);
  });

  it('the table matches the requests that are sent', async () => {
    const sent = await Promise.all(
      Object.keys(ways).map(async (way) => [way, (await sentBy(way)).map(({ command }) => command)] as const),
    );
    for (const [, names] of sent) for (const name of names) expect(commands).toHaveProperty(name);
    expect(Object.fromEntries(sent)).toMatchObject({
      // An existing object is read, and must have the same checksum.
      'bucket.putVariant': ['PutObjectCommand', 'HeadObjectCommand'],
      'bucket.deleteAt': [
        ...['ListObjectVersionsCommand', 'DeleteObjectsCommand of a version'],
        ...['ListObjectVersionsCommand', 'DeleteObjectsCommand of a version'],
        ...['ListObjectVersionsCommand', 'DeleteObjectsCommand of a version'],
      ],
    });
    const all = new Set(sent.flatMap(([, names]) => names));
    expect([...all, 'GetSecretValueCommand'].sort()).toEqual(Object.keys(commands).sort());
  });
});
