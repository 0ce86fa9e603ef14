import { describe, expect, it } from 'vitest';
import { byPart } from '../../../bench/spike/cpu/parts.ts';

describe('the CPU of one image', () => {
  const before = { api: 1, process: 2, decoders: 3, runner: 4, fauxqs: 5, postgres: 6, client: 7 };

  it('is what each part used for each image, all functions together', () => {
    const after = { ...before, api: 1.2, process: 2.4, decoders: 4, runner: 4.3, enqueue: 0.1 };
    const ms = byPart(before, after, 10);
    expect(ms).toEqual({ functions: 70, decoder: 100, runner: 30, fauxqs: 0, postgres: 0, client: 0 });
  });
});
