import type { Mutant } from './mutant.ts';

type Change = Pick<Mutant, 'from' | 'to' | 'at' | 'kind'>;

/** Small changes of what a statement selects, locks, orders or bounds. Each is valid SQL if the original is. */
const rules: readonly { kind: string; pattern: RegExp; to: (found: RegExpMatchArray) => string }[] = [
  {
    kind: 'predicate removed',
    // Only a condition on its own line, so that no parentheses are split.
    pattern: /\n[ \t]*and [^\n()]*(?:\([^\n()]*\)[^\n()]*)*(?=\n|$)/g,
    to: () => '',
  },
  {
    kind: 'predicate removed',
    pattern: / and [\w.]+ (?:=|<>|<=?|>=?|is not|is) [\w.$']+(?=[\s)`]|$)/g,
    to: () => '',
  },
  {
    kind: 'no predicate',
    pattern: /\bwhere [\w.]+ (?:=|<>|<=?|>=?|is not|is) [\w.$']+(?=[\s)`]|$)/g,
    to: () => 'where true',
  },
  {
    kind: 'no order',
    pattern: /\border by (?!.*\bover\b)[\w."]+(?: (?:asc|desc))?(?=\s*(?:\n|limit|for|\)|$))/g,
    to: () => '',
  },
  { kind: 'order turned', pattern: /\bdesc\b/g, to: () => 'asc' },
  { kind: 'no lock', pattern: /\bfor update(?: of \w+)?(?: skip locked)?/g, to: () => '' },
  { kind: 'waits for locks', pattern: / skip locked/g, to: () => '' },
  {
    kind: 'comparison turned',
    pattern: / (<=?|>=?) /g,
    to: ([, sign]) => ` ${(sign ?? '').startsWith('<') ? '>' : '<'} `,
  },
  { kind: 'null turned', pattern: /\bis (not )?null\b/g, to: ([, not]) => (not ? 'is null' : 'is not null') },
  { kind: 'no limit', pattern: /\blimit \$\d+/g, to: () => '' },
  { kind: 'one more', pattern: / \+ 1\b/g, to: () => ' + 2' },
  { kind: 'and for or', pattern: /\bor\b/g, to: () => 'and' },
  {
    kind: 'another status',
    pattern: /'(ready|rejected|failed|processing|queued|awaiting_upload)'/g,
    to: () => "'expired'",
  },
];

/** @param text of a template or string @param at its position in the file */
export function sqlChanges(text: string, at: number): Change[] {
  if (
    !/\b(?:select|insert into|update|delete from|with)\b/.test(text) ||
    !/\b(?:from|set|values|where|select)\b/.test(text)
  )
    return [];
  return rules.flatMap(({ kind, pattern, to }) =>
    [...text.matchAll(pattern)]
      .filter(({ index }) => !insideComment(text, index))
      .map((found) => ({ kind: `SQL: ${kind}`, from: found[0], to: to(found), at: at + found.index })),
  );
}

function insideComment(text: string, index: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', index) + 1, index);
  return line.includes('--');
}
