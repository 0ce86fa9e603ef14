/** How often a person is told what is waited for; whoever waits for less is told nothing. In milliseconds. */
const tellMs = 2_000;

/** Waits for a task, and says every two seconds for how long it has. */
export async function saidWhileWaiting<Result>(
  what: string,
  task: Promise<Result>,
  say: (line: string) => void,
  everyMs = tellMs,
): Promise<Result> {
  const started = performance.now();
  const ticker = setInterval(
    () => say(`Waiting for ${what}, for ${Math.round((performance.now() - started) / 1000)} s …`),
    everyMs,
  );
  try {
    return await task;
  } finally {
    clearInterval(ticker);
  }
}
