import { Agent, get } from 'node:http';

/*
 * Health checks of a worker, from another process: one each few milliseconds, whether or not those before have been
 * answered. Argument: the port. Sends the waits in milliseconds when it is sent anything, and ends.
 */
const everyMs = 5;
const agent = new Agent({ keepAlive: true });
const waits: number[] = [];
const open = new Set<number>();

const timer = setInterval(() => {
  const began = performance.now();
  open.add(began);
  const end = () => {
    open.delete(began);
    waits.push(performance.now() - began);
  };
  get({ host: '127.0.0.1', port: Number(process.argv[2]), agent }, (response) =>
    response.resume().on('end', end),
  ).on('error', end);
}, everyMs);

process.once('message', () => {
  clearInterval(timer);
  const now = performance.now();
  process.send?.([...waits, ...[...open].map((began) => now - began)], () => process.exit());
});
