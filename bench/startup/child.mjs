/*
 * A new process: imports a function as Lambda's runtime does and, if an event is given, invokes it. Prints the milliseconds
 * of both. It is JavaScript so that nothing is loaded to strip types.
 */
const [entry, event] = process.argv.slice(2);
const begun = performance.now();
const { handler } = await import(entry);
const imported = performance.now();
if (event !== undefined)
  await handler(JSON.parse(event), { awsRequestId: 'bench', getRemainingTimeInMillis: () => 30_000 });
const answered = performance.now();
process.stdout.write(JSON.stringify({ importMs: imported - begun, answerMs: answered - begun }), () =>
  process.exit(),
);
