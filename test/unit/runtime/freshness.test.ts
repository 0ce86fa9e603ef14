import { setImmediate as settle } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Freshness, openFreshness, type Read } from '../../../lambda/runtime/freshness.ts';

const terms = { freshMs: 20_000, usableMs: 30_000, retryMs: 2_000, mostNames: 3 };
let now: number;
let reads: number;
/** What the source says; undefined while it hangs. */
let source: (() => Promise<Read<string> | undefined>) | undefined;
let release: () => void;
let known: Freshness<string>;

const read = async () => {
  reads += 1;
  if (source === undefined) await new Promise<void>((done) => (release = done));
  return source?.();
};
const says = (value: string, livesMs?: number) => {
  source = async () => ({ value, livesMs });
};
const away = async () => {
  throw new Error('away');
};
const get = (name = 'key') => known.get(name, read);
beforeEach(() => {
  now = 1_000_000;
  reads = 0;
  says('old');
  // Looked up again after the whole of freshMs.
  known = openFreshness(terms, { now: () => now, random: () => 1 });
});

describe('a value', () => {
  it('is read once while it is fresh, and by the first caller after that', async () => {
    expect([await get(), await get()]).toEqual(['old', 'old']);
    now += 19_999;
    await get();
    expect(reads).toBe(1);
    now += 1;
    says('new');
    expect([await get(), await get(), reads]).toEqual(['new', 'new', 2]);
  });

  it('that is unknown is read once for a hundred callers', async () => {
    source = undefined;
    const all = Array.from({ length: 100 }, () => get());
    await settle();
    says('old');
    release();
    expect(new Set(await Promise.all(all))).toEqual(new Set(['old']));
    expect(reads).toBe(1);
  });

  it('that is old is read by one of a hundred callers, and the others get it at once', async () => {
    await get();
    now += 25_000;
    source = undefined;
    const first = get();
    const others = await Promise.all(Array.from({ length: 99 }, () => get()));
    expect(new Set(others)).toEqual(new Set(['old']));
    expect(reads).toBe(2);
    says('new');
    release();
    expect([await first, await get()]).toEqual(['new', 'new']);
  });

  it('is used after a read that failed, which is repeated after a pause, until it is not usable', async () => {
    await get();
    now += 20_000;
    source = away;
    expect([await get(), await get(), reads]).toEqual(['old', 'old', 2]);
    now += 2_000;
    expect([await get(), reads]).toEqual(['old', 3]);
    now += 7_999;
    expect(await get()).toBe('old');
    now += 1;
    await expect(get()).rejects.toThrow('away');
    expect(known.last('key')).toEqual({ value: 'old', endedMs: 0 });
  });

  it('is not used after its time while a read hangs: who comes then waits for that read', async () => {
    await get();
    now += 25_000;
    source = undefined;
    const all = [get()];
    now += 5_000;
    all.push(get(), get());
    await settle();
    source = away;
    release();
    for (const one of await Promise.allSettled(all)) expect(one.status).toBe('rejected');
    expect(reads).toBe(2);
  });

  it('lives from the beginning of its read, and not longer than it says itself', async () => {
    source = undefined;
    const first = get();
    await settle();
    now += 4_000;
    says('old');
    release();
    await first;
    source = away;
    now += 25_999;
    expect(await get()).toBe('old');
    now += 1;
    await expect(get()).rejects.toThrow('away');
    says('short', 3_000);
    await get();
    source = away;
    now += 3_000;
    await expect(get()).rejects.toThrow('away');
  });

  it('that is not there any more is forgotten at once, also by those who would get the old one', async () => {
    await get();
    now += 20_000;
    source = async () => undefined;
    expect(await get()).toBeUndefined();
    expect(known.last('key')).toBeUndefined();
    source = away;
    await expect(get()).rejects.toThrow('away');
  });
});

it('when too many names are known, the one that was read longest ago is forgotten, and no other', async () => {
  for (const name of ['a', 'b', 'c']) await get(name);
  now += 20_000;
  const forgotten = () => ['a', 'b', 'c', 'd'].filter((name) => known.last(name) === undefined);
  for (const name of ['a', 'c']) await get(name);
  expect(forgotten()).toEqual(['d']);
  await get('d');
  expect(forgotten()).toEqual(['b']);
});

it('of 400 environments that started together, few read at once', async () => {
  let drawn = 0;
  const random = () => (drawn++ * 0.618) % 1;
  const environments = Array.from({ length: 400 }, () =>
    openFreshness<string>({ ...terms, mostNames: 1 }, { now: () => now, random }),
  );
  await Promise.all(environments.map((one) => one.get('key', read)));
  const perSecond: number[] = [];
  for (let second = 0; second < 20; second += 1) {
    const before = reads;
    now += 1_000;
    await Promise.all(environments.map((one) => one.get('key', read)));
    perSecond.push(reads - before);
  }
  expect(perSecond.slice(0, 14)).toEqual(Array.from({ length: 14 }, () => 0));
  expect(perSecond.reduce((sum, count) => sum + count)).toBe(400);
  // An even share of the five seconds is 80.
  expect(Math.max(...perSecond)).toBeLessThan(100);
});
