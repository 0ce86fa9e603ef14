/** A generated mutant that changes nothing that anybody could see, and why. */
export interface Equivalent {
  file: string;
  /** The line as it stands, without what is around it. */
  line: string;
  /** The same line with the change in it. */
  becomes: string;
  because: string;
}

export const equivalents: readonly Equivalent[] = [
  {
    file: 'lambda/policy/admission-memory.ts',
    line: 'let uncounted = 0;',
    becomes: 'let uncounted = 1;',
    because: 'Nothing was counted yet, which the time of the last count says by itself.',
  },
  {
    file: 'lambda/postgres/schema/roles.ts',
    line: 'await sleep(10 + Math.random() * 50);',
    becomes: ';',
    because:
      'Two migrations that collide collide once more or not; how long the later one pauses shows nowhere.',
  },
];
