/** One small change of one file that takes a guard away or bends it. */
export interface Mutant {
  file: string;
  /** Exact text that is replaced, and where it begins; a text of a table stands once in its file. */
  from: string;
  to: string;
  at: number;
  /** What was done, in words. */
  kind: string;
}

/** What became of a mutant. `red` names the test that noticed. */
export interface Outcome {
  red: string | undefined;
}

/** The file with the change in it. */
export function changed(source: string, { from, to, at }: Pick<Mutant, 'from' | 'to' | 'at'>): string {
  return source.slice(0, at) + to + source.slice(at + from.length);
}

/** The line that a change is in, counted from 1. */
export function lineOf(source: string, at: number): number {
  return source.slice(0, at).split('\n').length;
}
