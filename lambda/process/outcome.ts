import type { ClaimedImage } from '../postgres/images/claim.ts';
import type { JobResult } from '../postgres/images/commit.ts';
import type { Death, Verdict } from './verdict.ts';

/** What a job came to, and what its messages are told once that is recorded. */
export interface Outcome {
  result: JobResult;
  verdict: Verdict;
  /** Why the image is dead, where the result ends it as `failed`. */
  reason?: Death['reason'];
}

/** What is recorded together: what ended in one lane of a batch, and what begins there next; one of them at least. */
export interface Entry {
  ended?: Outcome | undefined;
  begins?: ClaimedImage | undefined;
}
