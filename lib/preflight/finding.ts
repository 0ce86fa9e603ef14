/**
 * - `ok`: nothing stands in the way;
 * - `warning`: the deploy goes through, and something is not as one would want it;
 * - `blocks`: the deploy would fail, most often half an hour from now;
 * - `unknown`: the account did not answer. Whoever may not ask may still deploy.
 */
export type Verdict = 'ok' | 'warning' | 'blocks' | 'unknown';

/** What one look at the account came to. */
export interface Finding {
  /** What was looked at, in a few words. */
  check: string;
  verdict: Verdict;
  /** What is there, with its numbers. */
  says: string;
  /** What to set or to run. */
  advice?: string;
}

/** What a judgement says; the check that asked for it has the name. */
export type CheckResult = Omit<Finding, 'check'>;

export const ok = (says: string): CheckResult => ({ verdict: 'ok', says });
export const warning = (says: string, advice: string): CheckResult => ({ verdict: 'warning', says, advice });
export const blocks = (says: string, advice: string): CheckResult => ({ verdict: 'blocks', says, advice });
