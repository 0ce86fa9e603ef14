import { appendFileSync, writeFileSync } from 'node:fs';
import type { FromProducers, ToProducers } from './orders.ts';
import { Producers } from './producers.ts';

/*
 * The producers, in a process of their own: their CPU is counted apart, and what they measure is not held up by the
 * runner's work. Ends with its parent.
 */
const reportMs = 100;
let producers: Producers | undefined;
let recordFile = '';

/** After the last report the parent may have disconnected. */
const send = (message: FromProducers) => process.send?.(message, () => undefined);

process.on('message', (message: ToProducers) => {
  if ('setup' in message) {
    producers = new Producers(message.setup);
    recordFile = message.setup.recordFile;
    setInterval(() => producers && send({ report: producers.report() }), reportMs);
  } else if ('load' in message) producers?.load(message.load);
  else void finish();
});
process.once('disconnect', () => process.exit());

async function finish(): Promise<void> {
  if (producers === undefined) return;
  await producers.finish();
  send({ report: producers.report() });
  const { orders } = producers;
  writeFileSync(recordFile, '');
  for (let from = 0; from < orders.length; from += 1_000)
    appendFileSync(
      recordFile,
      orders
        .slice(from, from + 1_000)
        .map((order) => `${JSON.stringify(order)}\n`)
        .join(''),
    );
  send({ finished: orders.length });
}
