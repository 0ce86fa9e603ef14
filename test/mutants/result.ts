import type { Trial } from './collect.ts';

export type Tried = Trial & { red: string | undefined };

interface Score {
  room: string;
  mutants: number;
  red: number;
  equivalent: number;
}

/** Detected mutants by room and in all. */
export function scores(tried: readonly Tried[]): Score[] {
  const of = (room: string, among: readonly Tried[]): Score => ({
    room,
    mutants: among.length,
    red: among.filter(({ red }) => red !== undefined).length,
    equivalent: among.filter(({ equivalent, red }) => equivalent !== undefined && red === undefined).length,
  });
  const names = [...new Set(tried.map(({ room }) => room))];
  return [
    ...names.map((name) =>
      of(
        name,
        tried.filter(({ room }) => room === name),
      ),
    ),
    of('all', tried),
  ];
}

export function percent({ mutants, red, equivalent }: Score): number {
  return mutants === equivalent ? 100 : (100 * red) / (mutants - equivalent);
}

/** The sample of a run and its size; an interrupted run has fewer results. */
interface Run {
  seed: number;
  of: number;
}

/** test/mutants/result.md. */
export function resultPage(tried: readonly Tried[], { seed, of }: Run): string {
  const green = tried.filter(({ red }) => red === undefined);
  const row = ({ file, line, kind, from, to }: Tried) =>
    `- \`${file}:${line}\` ${kind}: ${code(from)} → ${code(to)}`;
  return [
    '# Mutants that the tests detect',
    '',
    `Written by \`npm run mutants\` (seed ${seed}; ${tried.length} of ${of} mutants tried): small changes of the sources, one at a`,
    'time, each with the tests that reach it. Equivalent ones change no behaviour (`equivalents.ts` has the reasons) and do not',
    'count.',
    '',
    '| room | mutants | red | equivalent | score |',
    '|---|---|---|---|---|',
    ...scores(tried).map((score) => {
      const { room, mutants, red, equivalent } = score;
      return `| ${room} | ${mutants} | ${red} | ${equivalent} | ${percent(score).toFixed(1)} % |`;
    }),
    '',
    '## Green',
    '',
    ...green.filter(({ equivalent }) => equivalent === undefined).map(row),
    '',
    '## Equivalent',
    '',
    ...green.flatMap((one) => (one.equivalent === undefined ? [] : [`${row(one)}. ${one.equivalent}`])),
    '',
  ].join('\n');
}

/** A text on one line, short enough for a list. */
function code(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line === '' ? 'nothing' : `\`\` ${line.length > 90 ? `${line.slice(0, 90)}…` : line} \`\``;
}

/** test/mutants/result.json. */
export function resultData(tried: readonly Tried[], { seed, of }: Run): string {
  const mutants = tried.map(({ room, file, line, kind, from, to, red, equivalent }) => ({
    room,
    file,
    line,
    kind,
    from,
    to,
    red: red ?? null,
    ...(equivalent === undefined ? {} : { equivalent }),
  }));
  return `${JSON.stringify({ seed, of, tried: tried.length, scores: scores(tried), mutants }, null, 2)}\n`;
}
