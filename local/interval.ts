/** Runs a task at once and then at an interval, never two at a time. @returns a function that stops it */
export function everyInterval(ms: number, task: () => Promise<void>): () => void {
  let running = false;
  const run = (): void => {
    if (running) return;
    running = true;
    task().finally(() => {
      running = false;
    });
  };
  run();
  const timer = setInterval(run, ms);
  return () => clearInterval(timer);
}
