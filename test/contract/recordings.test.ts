import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sums } from './recordings.ts';

const listed = readFileSync(sums, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('  ') as [string, string]);
const kinds = [
  ...[
    'deliveries',
    'events',
    'jobs',
    'migrate',
    'notice',
    'nudges',
    'operate',
    'request',
    'results',
    'schedule',
  ],
  'upload',
];
const recorded = ['messages', 'rows'].flatMap((folder) =>
  readdirSync(join(import.meta.dirname, folder)).map((file) => `${folder}/${file}`),
);

describe('recordings', () => {
  it.each(listed)('the recording %s is unchanged: %s (such messages are in flight)', (sum, file) => {
    const path = join(import.meta.dirname, file);
    expect(existsSync(path), `${file} was recorded once; it stays`).toBe(true);
    expect(createHash('sha256').update(readFileSync(path)).digest('hex'), `${file} was changed`).toBe(sum);
  });

  it('every recording is listed', () => {
    const files = listed.map(([, file]) => file);
    const missing = recorded.filter((file) => !files.includes(file));
    expect(missing, 'add them: sha256sum messages/… rows/… >> SHA256SUMS').toEqual([]);
  });

  it('every recording has a version and a kind that is tested', () => {
    const named = new RegExp(
      `^(?:messages/(?:${kinds.join('|')})\\.[a-z-]+\\.v\\d+\\.json|rows/\\d{6}\\.sql)$`,
    );
    expect(recorded.filter((file) => !named.test(file))).toEqual([]);
  });
});
