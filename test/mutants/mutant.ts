/** One small change of one file that removes or alters a guard. */
export interface Mutant {
  file: string;
  /** Exact text to replace, and its position; a text of a table occurs once in its file. */
  from: string;
  to: string;
  at: number;
  /** The change in words. */
  kind: string;
}

/** The outcome of a mutant; `red` names the test that detected it. */
export interface Outcome {
  red: string | undefined;
}

/** The changed file. */
export function changed(source: string, { from, to, at }: Pick<Mutant, 'from' | 'to' | 'at'>): string {
  return source.slice(0, at) + to + source.slice(at + from.length);
}

/** The line that a change is in, counted from 1. */
export function lineOf(source: string, at: number): number {
  return source.slice(0, at).split('\n').length;
}
