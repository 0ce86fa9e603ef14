/** Interval of the reports, in milliseconds; a shorter wait has none. */
const reportMs = 2_000;

/** Waits for a task and reports every two seconds how long it has waited. */
export async function reportWhileWaiting<Result>(
  what: string,
  task: Promise<Result>,
  say: (line: string) => void,
  everyMs = reportMs,
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
