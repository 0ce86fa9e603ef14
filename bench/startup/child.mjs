/*
 * A new process: imports a function as Lambda's runtime does and, if an event is given, invokes it. Prints the milliseconds
 * of both. It is JavaScript so that nothing is loaded to strip types.
 */
import diagnostics from 'node:diagnostics_channel';

const [entry, event] = process.argv.slice(2);
// The database refuses its connection. With time left, process would wait for it.
let refused = false;
diagnostics.subscribe('net.client.socket', ({ socket }) =>
  socket.once('error', () => {
    refused = true;
  }),
);
const begun = performance.now();
const { handler } = await import(entry);
const imported = performance.now();
if (event !== undefined)
  await handler(JSON.parse(event), {
    awsRequestId: 'bench',
    getRemainingTimeInMillis: () => (refused ? 0 : 30_000),
  });
const answered = performance.now();
process.stdout.write(JSON.stringify({ importMs: imported - begun, answerMs: answered - begun }), () =>
  process.exit(),
);
