import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventTypes, type ImageEvent } from '../../lambda/domain/event.ts';
import { pathOf } from '../../lambda/domain/routes.ts';
import { patience } from '../support/pace.ts';
import { smallPhoto } from '../support/pictures.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';

/* The whole runner with the bundled functions, and a client that knows only the standard. */

let pipeline: TestPipeline;
let headers: Record<string, string>;
beforeAll(async () => {
  pipeline = await startTestPipeline();
  headers = { authorization: `Bearer ${pipeline.apiKey}` };
}, patience(60_000));
afterAll(() => pipeline.stop(), patience(30_000));

/** Lines of a client (event-source-process.ts) until it ends. */
async function* linesOf(url: string): AsyncGenerator<string> {
  const file = join(import.meta.dirname, '../support/event-source-process.ts');
  const argv = ['--experimental-eventsource', '--no-warnings', file, url, pipeline.apiKey, ...eventTypes];
  const client = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = once(client, 'exit');
  try {
    for await (const line of createInterface(client.stdout)) {
      yield line;
      if (line === 'end') return;
    }
  } finally {
    client.kill();
    await exit;
  }
}

describe('an EventSource', () => {
  it(
    'gets each event of an image once and in order across its reconnections, until the deletion',
    async () => {
      const photo = await smallPhoto(1);
      const created = await fetch(`${pipeline.url}${pathOf('createImage', {})}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ contentType: 'image/jpeg', bytes: photo.length }),
      });
      const { id, upload } = (await created.json()) as {
        id: string;
        upload: { url: string; fields: Record<string, string> };
      };
      const react: Record<string, () => Promise<Response>> = {
        'image.admitted': () => {
          const form = new FormData();
          for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
          form.append('file', new Blob([new Uint8Array(photo)]));
          return fetch(upload.url, { method: 'POST', body: form });
        },
        'image.ready': () =>
          fetch(`${pipeline.url}${pathOf('deleteImage', { id })}`, { method: 'DELETE', headers }),
      };
      const got: string[] = [];
      let reconnections = 0;
      for await (const line of linesOf(`${pipeline.url}${pathOf('getImageEvents', { id })}?after=0`)) {
        if (line === 'again') reconnections += 1;
        const [, number, type = '', data = ''] = /^(\S*) (\S+) (.*)$/.exec(line) ?? [];
        if (number === undefined) continue;
        const event = JSON.parse(data) as ImageEvent;
        expect([event.sequence, event.type, event.subject]).toEqual([number, type, id]);
        got.push(`${number} ${type}`);
        expect((await react[type]?.())?.ok ?? true).toBe(true);
      }
      expect(got).toEqual(['1 image.admitted', '2 image.ready', '3 image.deleted']);
      expect(reconnections).toBeGreaterThanOrEqual(2);
    },
    patience(60_000),
  );
});
