import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { stream } from './test-export.ts';
import { insertWide, useWideImages } from './wide-images.ts';

const database = useWideImages();

it.each(['pages', 'consistent'])(
  'a reader that takes a page for longer than the statement timeout gets the whole export (%s)',
  async (snapshot) => {
    const timeoutMs = 2_000;
    await database().admin.query(
      `alter role sluice_export in database ${database().address.name} set statement_timeout = ${timeoutMs}`,
    );
    await insertWide(database(), 40_000, 1_000);
    let read = 0;
    let waits = 0;
    const { text, complete, error } = await stream(
      database(),
      { columns: 'bytes', metadata: 'text', snapshot },
      {
        // One page, so that the rest does not fit into the buffers.
        paging: { leastRows: 100_000, mostRows: 100_000, pageMs: 1, mostBytes: 1e9 },
        async write(chunk, done) {
          const before = read;
          read += chunk.length;
          // Steadily, in three pauses: never nothing for as long as a reader may.
          if (Math.floor(read / 8e6) > Math.floor(before / 8e6) && waits < 3) {
            waits += 1;
            await pause(timeoutMs * 0.75);
          }
          done();
        },
      },
    );
    expect(error).toBeUndefined();
    expect(complete).toBe(true);
    expect(waits).toBe(3);
    const numbers = text
      .split('\r\n')
      .slice(1, -2)
      .map((line) => Number.parseInt(line, 10));
    expect(numbers.length).toBe(40_000);
    expect(new Set(numbers).size).toBe(40_000);
    expect(text.endsWith('\r\n# complete: 40000 rows,\r\n')).toBe(true);
  },
);
