import { run } from '../bench/spike/run.ts';
import { describeProblem } from '../local/problems.ts';

/*
 * npm run spike -- [--quick] [--record] [--only=plain|sluice|cpu] [--sabotage=<name>|all]: 50 images a minute become 50,000, in the plain design and
 * in Sluice. Exits with 1 if a promise breaks, with 2 for a wrong option, with 130 after SIGINT. docs/spike.md explains it.
 */
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (ending.signal.aborted) process.exit(130);
    console.log(`\n${signal}: ending. (Repeat to kill all processes.)`);
    ending.abort(new Error(`Ended by ${signal}.`));
  });

try {
  if (!(await run(process.argv.slice(2), (line) => console.log(line), ending.signal))) process.exitCode = 1;
} catch (error) {
  if (ending.signal.aborted) process.exitCode = 130;
  else {
    console.error(describeProblem(error));
    const { code } = Object(error) as { code?: unknown };
    process.exitCode = /^(UNKNOWN_\w+|ERR_PARSE_ARGS.*)$/.test(String(code)) ? 2 : 1;
  }
}
process.exit();
