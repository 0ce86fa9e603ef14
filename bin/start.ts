import { resolve } from 'node:path';
import type { RunningPipeline } from '../local/pipeline.ts';
import { describeProblem, PortMistake } from '../local/problems.ts';

/*
 * `npm start`: the whole pipeline on this machine. Environment: SLUICE_PORT (8787; 0 takes a free one),
 * SLUICE_HOME (.sluice), SLUICE_API_KEY (by default generated once and kept), SLUICE_CONFIG (instead of sluice.config.ts),
 * SLUICE_KAFKA (host:port,…/topic: the events go there).
 */

const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s`;
const stopping = new AbortController();
let stoppingSince = 0;
let pipeline: RunningPipeline | undefined;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(signal));

// A bug must not leave child processes behind.
process.on('uncaughtException', (error) => {
  console.error(describeProblem(error));
  if (!stopping.signal.aborted) void giveUp('Sluice failed.');
});

try {
  console.log('Sluice is starting.');
  const port = portFrom(process.env.SLUICE_PORT);
  // Imported here, so that a missing package is reported with a readable message.
  const { resolveConfig } = await import('../lib/config/resolve.ts');
  const { startPipeline } = await import('../local/pipeline.ts');
  const { localTopic } = await import('../local/kafka/local-topic.ts');
  const { readConfig } = await import('../lib/config/read-config.ts');
  const config = await readConfig(resolve(import.meta.dirname, '..'), process.env.SLUICE_CONFIG);
  const apiKey = process.env.SLUICE_API_KEY;
  const topic = localTopic(process.env.SLUICE_KAFKA);
  pipeline = await startPipeline({
    config: resolveConfig(config),
    home: resolve(process.env.SLUICE_HOME || '.sluice'),
    port,
    ...(apiKey ? { apiKey } : {}),
    ...(topic ? { topic } : {}),
    onProgress: (line) => console.log(`${seconds()}  ${line}`),
    signal: stopping.signal,
  });
  greet(pipeline);
  if (stopping.signal.aborted) await stop();
  else pipeline.failed.then(giveUp);
} catch (error) {
  if (!stopping.signal.aborted) {
    console.error(`\n${describeProblem(error)}\n`);
    process.exitCode = 1;
  }
}

function greet({ url, apiKey, logs }: RunningPipeline): void {
  console.log(`\nSluice is ready at ${url}\n`);
  console.log(`API key: ${apiKey}\nLogs:    ${logs}\n`);
  console.log('Open the page and drop a photograph on it. Or send the sample from a second terminal:\n');
  console.log(`  export KEY=${apiKey}`);
  console.log(
    `  curl -i -H "Authorization: Bearer $KEY" -H 'Content-Type: image/jpeg' --data-binary @docs/sample.jpg ${url}/v1/images\n`,
  );
}

async function giveUp(reason: string): Promise<void> {
  console.error(`\n${reason} Stopping Sluice.`);
  process.exitCode = 1;
  await stop();
}

/** The first signal stops every part in order; the next kills all at once. */
function end(signal: NodeJS.Signals): void {
  const now = performance.now();
  if (stopping.signal.aborted) {
    // Ctrl-C reaches this process from the terminal, and again from an npm that forwards signals.
    if (now - stoppingSince < 1_000) return;
    console.log(`\n${signal} again: killing all processes.`);
    pipeline?.kill();
    process.exit(1);
  }
  stoppingSince = now;
  stopping.abort();
  console.log(`\n${signal}: Sluice is stopping. (Repeat to kill all processes.)`);
  if (pipeline !== undefined) void stop();
}

async function stop(): Promise<void> {
  const since = performance.now();
  try {
    await pipeline?.stop();
    console.log(`Sluice has stopped after ${((performance.now() - since) / 1000).toFixed(1)} s.`);
  } catch (error) {
    console.error(describeProblem(error));
    process.exitCode = 1;
  }
}

/** @throws PortMistake */
function portFrom(text: string | undefined): number {
  if (text === undefined || text === '') return 8787;
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65_536) return port;
  throw new PortMistake(text);
}
