import { appendFileSync, existsSync, readdirSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Packs } from '../../local/s3/store/packs.ts';
import { temporaryFolder } from './test-host.ts';

function open(folder: string, known: string[] = []): Packs {
  const packs = new Packs(folder);
  onTestFinished(() => packs.close());
  packs.keepOnly(known);
  return packs;
}
const text = (packs: Packs, body: string) => packs.read(body).toString();

test('bodies are read as they were written, also empty ones, and after a restart', () => {
  const folder = temporaryFolder();
  const first = open(folder);
  const bodies = ['a', '', 'b'.repeat(70_000)].map((body) => first.append(Buffer.from(body)));
  // What a kill left of the next one.
  appendFileSync(join(folder, '0'), 'torn');
  const second = open(folder, bodies);
  const later = second.append(Buffer.from('later'));
  expect(bodies.map((body) => text(second, body))).toEqual(['a', '', 'b'.repeat(70_000)]);
  expect(text(second, later)).toBe('later');
  expect(readdirSync(folder)).toEqual(['0', '1']);
});

test('a pack is deleted with its last body, that which takes bodies once it is full or closed', () => {
  const folder = temporaryFolder();
  const packs = open(folder);
  const half = Buffer.alloc(8 * 1024 * 1024);
  const [one, two] = [packs.append(half), packs.append(half)];
  const three = packs.append(half);
  expect(readdirSync(folder)).toEqual(['0', '1']);
  packs.remove(one);
  expect(packs.read(two)).toHaveLength(half.length);
  packs.remove(two);
  packs.remove(three);
  expect(readdirSync(folder)).toEqual(['1']);
  packs.close();
  expect(readdirSync(folder)).toEqual([]);
});

test('at the start packs without a known body are deleted', () => {
  const folder = temporaryFolder();
  const body = open(folder).append(Buffer.from('a'));
  open(folder, [body]).append(Buffer.from('b'));
  open(folder, [body]);
  expect(readdirSync(folder)).toEqual(['0']);
});

test.skipIf(!existsSync('/dev/full'))('a full disk fails the write', () => {
  const folder = temporaryFolder();
  const packs = open(folder);
  symlinkSync('/dev/full', join(folder, '0'));
  expect(() => packs.append(Buffer.from('a'))).toThrow();
});

test('a pack that has lost bytes fails the read', () => {
  const folder = temporaryFolder();
  const packs = open(folder);
  const body = packs.append(Buffer.from('abc'));
  truncateSync(join(folder, '0'), 2);
  expect(() => packs.read(body)).toThrow('too short');
});
