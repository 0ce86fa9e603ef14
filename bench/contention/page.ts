import { type Cell, type Result, resultTable } from './result.ts';
import type { WayName } from './ways.ts';

/** The page result.md; the numbers of its text come from the table. */
export function resultPage(result: Result): string {
  const { rounds, roundMs, machine, cells } = result;
  const cell = (way: WayName, writers: number, rows: number, thinkMs = 0): Cell => {
    const found = cells.find(
      (one) => one.way === way && one.writers === writers && one.rows === rows && one.thinkMs === thinkMs,
    );
    if (found === undefined) throw new RangeError(`${way} was not measured`);
    return found;
  };
  const rate = (...of: Parameters<typeof cell>) => cell(...of).perSecond.toFixed(0);
  const p99 = (...of: Parameters<typeof cell>) => `${cell(...of).p99.toFixed(0)} ms`;
  const again = (...of: Parameters<typeof cell>) => cell(...of).retries.toFixed(2);
  const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
  return `# What many writers of the same rows cost

Each edit reads a document, decides, and writes it: its number and 1. In turns, ${rounds} rounds of ${roundMs} ms for each load, the last edits finished; a durable Postgres, each statement after a round trip of 1 ms, sessions that stay open. "Decides" is the time between read and write, such as a call to another service. Writers take random rows and start again at once, so a row has far more writers than people are.

- **version**: read; \`update … where revision = the one that was read\`; if nothing was updated, again, without a pause and without end. Two statements, no transaction.
- **row lock**: begin; \`select … for update\`; update; commit.
- **giant lock**: begin; one advisory lock for all rows; read; update; commit.
- **one statement**: \`update … set number = number + 1\`, where a change needs no decision.
- **unchecked**: read and write as the version check does, without the check, to show what it is for.

${resultTable(result)}

- **Without a check edits are lost**: of 64 writers on 1,000 rows ${percent(cell('unchecked', 64, 1_000).lost)}, on 10 rows ${percent(cell('unchecked', 64, 10).lost)}.
- **Few writers a row: version.** With 16 writers on 1,000 rows ${rate('version', 16, 1_000)} edits a second against ${rate('rowLock', 16, 1_000)} under row locks, for ${again('version', 16, 1_000)} retries an edit; with 64 on 100 ${rate('version', 64, 100)} against ${rate('rowLock', 64, 100)}, for ${again('version', 64, 100)}; a writer alone makes ${rate('version', 1, 1_000)} against ${rate('rowLock', 1, 1_000)}, because two of four round trips are saved. Nothing is held while somebody decides, and a client that goes away leaves nothing behind.
- **More writers than rows: row lock.** With 64 writers on 10 rows a version check makes ${again('version', 64, 10)} retries an edit, and ${percent(cell('version', 64, 10).beyondFive)} of the edits take more than the five attempts of a PATCH; on one row p99 is ${p99('version', 64, 1)} against ${p99('rowLock', 64, 1)}. Those who wait for a lock get it in turn; those who retry do not.
- **A change that needs no decision: one statement.** 64 writers on one row make ${rate('oneStatement', 64, 1)} edits a second, against ${rate('rowLock', 64, 1)} under row locks and ${rate('version', 64, 1)} with a version check.
- **Never one lock for all.** 64 writers make ${rate('giantLock', 64, 1_000)} edits a second on 1,000 rows, as on one, and ${rate('giantLock', 64, 1_000, 20)} when each decides for 20 ms, where row locks make ${rate('rowLock', 64, 1_000, 20)} and a version check ${rate('version', 64, 1_000, 20)}.

Measured on ${machine.processor}, Node ${machine.node}. To repeat: \`npm run bench -- contention\`; faster, without recording: \`npm run bench -- contention --quick\`.
`;
}
