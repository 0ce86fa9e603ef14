/** A generated mutant that changes no behaviour, with the reason. */
export interface Equivalent {
  file: string;
  /** The original line, trimmed. */
  line: string;
  /** The changed line. */
  becomes: string;
  because: string;
}

export const equivalents: readonly Equivalent[] = [
  {
    file: 'lambda/policy/admission-memory.ts',
    line: 'let uncounted = 0;',
    becomes: 'let uncounted = 1;',
    because: 'Nothing has been counted yet, which the time of the last count shows.',
  },
  {
    file: 'lambda/postgres/schema/roles.ts',
    line: 'await sleep(10 + Math.random() * 50);',
    becomes: ';',
    because:
      'Two colliding migrations may collide once more; the pause of the later one has no visible effect.',
  },
];
