/**
 * - `ok`: no problem;
 * - `warning`: the deploy succeeds, but something needs attention;
 * - `blocks`: the deploy would fail, usually after half an hour;
 * - `unknown`: the account could not be queried, which does not prevent a deploy.
 */
export type Verdict = 'ok' | 'warning' | 'blocks' | 'unknown';

export interface Finding {
  check: string;
  verdict: Verdict;
  /** The state found, with its numbers. */
  says: string;
  /** The setting or the command that helps. */
  advice?: string;
}

/** The result of a check, without its name. */
export type CheckResult = Omit<Finding, 'check'>;

export const ok = (says: string): CheckResult => ({ verdict: 'ok', says });
export const warning = (says: string, advice: string): CheckResult => ({ verdict: 'warning', says, advice });
export const blocks = (says: string, advice: string): CheckResult => ({ verdict: 'blocks', says, advice });
