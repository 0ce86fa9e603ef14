import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import pLimit from 'p-limit';
import { openHttp } from '../sluice/http.ts';

/* Sends images as bodies, a few at once, in a process of its own: its CPU is not the runner's. Ends with its parent. */

export interface Sending {
  url: string;
  key: string;
  paths: string[];
  count: number;
  /** Requests at once. */
  atOnce: number;
}

/** Once all have been accepted: how often a request was refused first. */
export interface Sent {
  refusals: number;
}

async function send({ url, key, paths, count, atOnce }: Sending): Promise<Sent> {
  const http = openHttp();
  const files = paths.map((path) => readFileSync(path));
  let refusals = 0;
  await pLimit(atOnce).map(Array.from({ length: count }).keys().toArray(), async (number) => {
    for (;;) {
      const { status, retryAfter, text } = await http.post(
        `${url}/v1/images`,
        { authorization: `Bearer ${key}`, 'content-type': 'image/jpeg' },
        files[number % files.length] as Buffer,
      );
      if (status === 202) return;
      if (retryAfter === undefined) throw new Error(`An image was answered with ${status}: ${text}`);
      refusals++;
      await pause(retryAfter * 1000);
    }
  });
  http.close();
  return { refusals };
}

process.on('message', (sending: Sending) => {
  send(sending).then((sent) => process.send?.(sent satisfies Sent));
});
process.once('disconnect', () => process.exit());
