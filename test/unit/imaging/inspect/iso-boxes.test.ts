import { expect, it } from 'vitest';
import { boxes, boxIn } from '../../../../lambda/imaging/inspect/iso-boxes.ts';
import { box } from './containers.ts';

const free = box('free', Buffer.alloc(3));

it('ISO boxes are read in sequence up to the first invalid one', () => {
  const data = Buffer.concat([free, box('meta', Buffer.from('a')), free]);
  expect([...boxes(data)].map(({ name }) => name)).toEqual(['free', 'meta', 'free']);
  expect(boxIn(data, 'meta')).toEqual(Buffer.from('a'));
  for (const size of [1, 2, 7]) {
    const broken = Buffer.from(data);
    broken.writeUInt32BE(size, free.length);
    expect([...boxes(broken)].length).toBe(1);
  }
  const endless = Buffer.from(data);
  endless.writeUInt32BE(0, free.length);
  expect([...boxes(endless)].length).toBe(2);
});

it('no more ISO boxes are read than real files have', () => {
  expect([...boxes(Buffer.concat(Array.from({ length: 5_000 }, () => free)))].length).toBe(1_000);
});
