import type { FunctionName } from '../../lib/catalogue/catalogue.ts';
import { aligned, round } from '../table.ts';
import type { Way } from './bundles.ts';

/** Medians of one function, bundled one way; answerMs (import and first answer) for `process` only. */
export interface Cost {
  importMs: number;
  answerMs?: number;
  codeKb: number;
}

/** The recorded result. */
export interface Result {
  rounds: number;
  /** Wall-clock time of an empty Node process, from spawn to exit. */
  emptyMs: number;
  functions: Record<FunctionName, Record<Way, Cost>>;
  promiseMs: number;
  machine: { processor: string; node: string };
}

export function holds({ functions, promiseMs }: Result): boolean {
  return functions.process.ours.importMs <= promiseMs;
}

/** The result as a table for the terminal and for Markdown. */
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
    `process until its first result, including modules loaded on first use: ${ours.answerMs} ms, plain ${plain.answerMs} ms (${saved} ms less).`,
    `Import of process: ${ours.importMs} ms; the promise is at most ${promiseMs}: ${holds(result) ? 'holds' : 'DOES NOT HOLD'}.`,
  ].join('\n');
}

/** The page result.md. */
export function resultPage(result: Result): string {
  const { rounds, machine } = result;
  return `# Importing the functions

The time that a new Node process takes to import each function as it is deployed, and as plain esbuild bundles the same sources (one file, nothing replaced, not minified). Alternating, ${rounds} rounds, medians. The import of \`process\` also starts its sandbox. Its first result is that of a batch of one job, without a database and with an SQS that accepts everything; by then it has loaded the database driver and the clients of S3 and SQS, which are loaded on first use.

${resultTable(result)}

Measured on ${machine.processor}, Node ${machine.node}. To repeat: \`npm run bench -- startup\`; faster, without recording: \`npm run bench -- startup --quick\`.
`;
}
