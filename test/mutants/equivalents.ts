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
    file: 'lambda/postgres/schema/roles.ts',
    line: 'await sleep(10 + Math.random() * 50);',
    becomes: ';',
    because:
      'Two colliding migrations may collide once more; the pause of the later one has no visible effect.',
  },
];
