import { describe, expect, it } from 'vitest';
import { workWaits } from '../../../bench/spike/sluice/work-waits.ts';

const put = (image: string, name: string) => ({ method: 'PUT', key: `derived/t1/${image}/${name}` });
const read = (image: string) => ({ method: 'GET', key: `incoming/t1/${image}` });

describe('the waits that stand for the time of a decode', () => {
  it('half is reading, half is writing six variants one after the other', () => {
    const wait = workWaits(
      () => 0.5,
      () => 2_400,
      () => 0,
    );
    expect([wait(read('a')), wait(read('a'))]).toEqual([1200, 0]);
    const writes = ['1', '2', '3', '4', '5', '6'].map((name) => wait(put('a', name)));
    expect(writes).toEqual([200, 400, 600, 800, 1000, 1200]);
    expect(wait(put('b', '1'))).toBe(200);
  });

  it('requests of others than workers do not wait', () => {
    const wait = workWaits(
      () => 0.5,
      () => 2_400,
      () => 0,
    );
    expect(wait({ method: 'PUT', key: 'incoming/t1/a' })).toBe(0);
    expect(wait({ method: 'POST', key: '' })).toBe(0);
    expect(wait({ method: 'HEAD', key: 'incoming/t1/a' })).toBe(0);
  });

  it('no request waits so long that a worker would give it up', () => {
    const wait = workWaits(
      () => 1,
      () => 60_000,
      () => 0,
    );
    expect(Math.max(wait(read('a')), ...['1', '2', '3'].map((name) => wait(put('a', name))))).toBeLessThan(
      4_000,
    );
  });
});
