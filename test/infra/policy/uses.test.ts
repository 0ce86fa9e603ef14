import { describe, expect, it } from 'vitest';
import type { FunctionName } from '../../../lib/catalogue/catalogue.ts';
import { commands, namedInCode, sentBy, signers, ways, waysOf } from './commands.ts';

describe('the table of what the code asks of AWS', () => {
  it('has every command and every signer that a function names, and no other', () => {
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
        ...['queue.sendJobs', 'uploadForms.origin', 'uploadForms.uploadForm'],
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
        'queue.changeVisibility',
        'readyEvents.send',
      ],
    ],
    [
      'sweep',
      [
        ...['bucket.deleteAt', 'bucket.deleteVersion', 'bucket.findUploaded'],
        ...['queue.queueDepth', 'queue.sendJobs'],
      ],
    ],
    ['migrate', []],
    ['operate', []],
  ] as [FunctionName, string[]][])('knows the ways that %s goes', (name, expected) => {
    expect(waysOf(name)).toEqual(expected);
    for (const way of expected) expect(ways).toHaveProperty([way]);
  });

  it('knows what is sent on each way', async () => {
    const sent = await Promise.all(
      Object.keys(ways).map(async (way) => [way, (await sentBy(way)).map(({ command }) => command)] as const),
    );
    for (const [, names] of sent) for (const name of names) expect(commands).toHaveProperty(name);
    expect(Object.fromEntries(sent)).toMatchObject({
      // What is there already is looked at, and must carry the same checksum.
      'bucket.putVariant': ['PutObjectCommand', 'HeadObjectCommand'],
      'bucket.deleteAt': [
        ...['ListObjectVersionsCommand', 'DeleteObjectsCommand of a version'],
        ...['ListObjectVersionsCommand', 'DeleteObjectsCommand of a version'],
      ],
    });
    const all = new Set(sent.flatMap(([, names]) => names));
    expect([...all, 'GetSecretValueCommand'].sort()).toEqual(Object.keys(commands).sort());
  });
});
