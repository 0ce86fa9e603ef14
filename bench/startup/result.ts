import type { FunctionName } from '../../lib/catalogue/catalogue.ts';
import { aligned, round } from '../table.ts';
import type { Way } from './bundles.ts';

/** Medians of one function, bundled one way; answerMs (import and first answer) for `process` only. */
export interface Cost {
  importMs: number;
  answerMs?: number;
  codeKb: number;
}

/** What is recorded. */
export interface Result {
  rounds: number;
  /** Wall clock of a Node process that does nothing, from spawn to exit. */
  emptyMs: number;
  functions: Record<FunctionName, Record<Way, Cost>>;
  promiseMs: number;
  machine: { processor: string; node: string };
}

export function holds({ functions, promiseMs }: Result): boolean {
  return functions.process.ours.importMs <= promiseMs;
}

/** The result as a table for a terminal and for Markdown alike. */
export function resultTable(result: Result): string {
  const { functions, emptyMs, promiseMs } = result;
  const rows = Object.entries(functions).map(([name, { ours, plain }]) => [
    name,
    `${ours.importMs}`,
    `${plain.importMs}`,
    (ours.importMs / plain.importMs).toFixed(2),
    (ours.importMs / emptyMs).toFixed(2),
    `${ours.codeKb}`,
    `${plain.codeKb}`,
  ]);
  const { ours, plain } = functions.process;
  const saved = round((plain.answerMs ?? 0) - (ours.answerMs ?? 0), 1);
  return [
    ...aligned([
      ['function', 'import ms', 'plain ms', 'of plain', 'of an empty Node', 'code kB', 'plain kB'],
      ...rows,
    ]),
    '',
    `An empty Node process takes ${emptyMs} ms.`,
    `process until its first answer, all that is loaded late included: ${ours.answerMs} ms, plain ${plain.answerMs} ms (${saved} ms less).`,
    `Import of process: ${ours.importMs} ms; promised are at most ${promiseMs}: ${holds(result) ? 'holds' : 'DOES NOT HOLD'}.`,
  ].join('\n');
}

/** The page beside the script. */
export function resultPage(result: Result): string {
  const { rounds, machine } = result;
  return `# Importing the functions

How long a fresh Node process takes to import each function as it is deployed, and as plain esbuild bundles the same sources (one file, nothing replaced, not minified). In turns, ${rounds} rounds, medians. The import of \`process\` starts its decoder, too. Its first answer is to a batch of one job, with no database there and an SQS that takes everything; by then it has loaded the database driver and the clients of S3 and SQS, which its import leaves for later.

${resultTable(result)}

Measured on ${machine.processor}, Node ${machine.node}. Again: \`npm run bench -- startup\`; quicker, and without recording: \`npm run bench -- startup --quick\`.
`;
}
