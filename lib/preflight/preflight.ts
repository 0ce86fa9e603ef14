import pLimit from 'p-limit';
import type { ResolvedConfig } from '../config/schema.ts';
import type { AccountQueries } from './account-queries.ts';
import { type Check, checksOf } from './checks.ts';
import type { Finding, Verdict } from './finding.ts';
import { describeQueryError, isCredentialsError } from './query-errors.ts';

/** Concurrent checks: enough to finish in seconds, too few to be throttled. */
const atOnce = 6;

/**
 * Checks whether a stage can be deployed to an account. Missing credentials are the only finding; otherwise all checks run
 * independently, and one that cannot query the account results in `unknown`.
 * @param onFinding called with each finding as soon as it is known. The result has them in the order of the checks.
 */
export async function preflight(
  config: ResolvedConfig,
  queries: AccountQueries,
  onFinding: (finding: Finding) => void = () => {},
): Promise<Finding[]> {
  const limit = pLimit(atOnce);
  const [account, ...others] = checksOf(config, onceEach(queries));
  if (account === undefined) return [];
  const first = await findingOf(account, onFinding, isCredentialsError);
  if (first.verdict === 'blocks') return [first];
  return [first, ...(await Promise.all(others.map((check) => limit(() => findingOf(check, onFinding)))))];
}

/** @param blocking whether an error blocks the deploy; all others result in `unknown`. */
async function findingOf(
  { name, run }: Check,
  onFinding: (finding: Finding) => void,
  blocking: (error: unknown) => boolean = () => false,
): Promise<Finding> {
  const finding = await run().then(
    (judgement): Finding => ({ check: name, ...judgement }),
    (error: unknown): Finding => ({
      check: name,
      says: describeQueryError(error),
      ...(blocking(error) ? { verdict: 'blocks', advice: signIn } : { verdict: 'unknown' }),
    }),
  );
  onFinding(finding);
  return finding;
}

const signIn =
  'sign in (aws sso login, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY); select a profile with AWS_PROFILE or --profile';

export function worst(findings: readonly Finding[]): Verdict {
  const order: Verdict[] = ['blocks', 'warning', 'unknown', 'ok'];
  return order.find((verdict) => findings.some((finding) => finding.verdict === verdict)) ?? 'ok';
}

/** Runs each query once: several checks need the same answer. */
function onceEach(queries: AccountQueries): AccountQueries {
  const answers = new Map<string, unknown>();
  return new Proxy(queries, {
    get(target, name, receiver) {
      const question: unknown = Reflect.get(target, name, receiver);
      if (typeof question !== 'function') return question;
      return (...args: unknown[]) => {
        const key = JSON.stringify([name, ...args]);
        if (!answers.has(key)) answers.set(key, Reflect.apply(question, target, args));
        return answers.get(key);
      };
    },
  });
}
