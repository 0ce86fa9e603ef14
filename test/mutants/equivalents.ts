/** A generated mutant that changes nothing that anybody could see, and why. */
export interface Equivalent {
  file: string;
  /** The line as it stands, without what is around it. */
  line: string;
  /** The same line with the change in it. */
  becomes: string;
  because: string;
}

export const equivalents: readonly Equivalent[] = [];
