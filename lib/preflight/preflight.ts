import pLimit from 'p-limit';
import type { ResolvedConfig } from '../config/schema.ts';
import type { AccountQueries } from './account-queries.ts';
import { type Check, checksOf } from './checks.ts';
import type { Finding, Verdict } from './finding.ts';
import { describeQueryError, isCredentialsError } from './query-errors.ts';

/** AccountQueries under way at once: enough to be done in seconds, and too few to be throttled. */
const atOnce = 6;

/**
 * Asks an account whether a stage can be deployed there. Who has no credentials to ask with cannot deploy either,
 * and is told that alone. Else each check is made, whatever the others come to; one that gets no answer is `unknown`.
 * @param onFinding hears of each as it is known; the answer has them in their order.
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

/** @param blocking which errors stand in the way of a deploy; all others leave open what was asked. */
async function findingOf(
  { name, look }: Check,
  onFinding: (finding: Finding) => void,
  blocking: (error: unknown) => boolean = () => false,
): Promise<Finding> {
  const finding = await look().then(
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
  'sign in (aws sso login, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY); AWS_PROFILE or --profile chooses a profile';

export function worst(findings: readonly Finding[]): Verdict {
  const order: Verdict[] = ['blocks', 'warning', 'unknown', 'ok'];
  return order.find((verdict) => findings.some((finding) => finding.verdict === verdict)) ?? 'ok';
}

/** Several checks need the same answer, which is asked for once. */
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
