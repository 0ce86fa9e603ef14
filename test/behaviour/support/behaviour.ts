import { afterAll, beforeAll, inject, test } from 'vitest';
import { patience } from '../../support/pace.ts';
import { openLocalTarget } from './local-target.ts';
import { openLocalStackTarget } from './localstack-target.ts';
import type { Target, TargetKind } from './target.ts';

/*
 * The suite of Sluice's behaviours, the same wherever it runs: against the local runner in `npm test`, against a
 * deployment on LocalStack in `npm run test:localstack`. scripts/targets.ts generates docs/targets.md from the text of
 * these statements: each begins with `behaviour(` at the margin, and its arguments are literals.
 */

export interface Claim {
  /** Where it holds. `aws` is a claim: the suite does not run there. */
  on: readonly TargetKind[];
  /** What users can rely on if the test passes. */
  proves: string;
  /** A capability that not every LocalStack has: it enforces both caps (the public image does not), its log is readable. */
  needs?: Need;
  /** On a quiet machine, in milliseconds. */
  timeoutMs?: number;
}
export type Need = 'caps' | 'log';

const where = inject('target');
let target: Promise<Target> | undefined;
let holding = 0;

/** States a behaviour, and tests it where it holds. All behaviours of a file share one target. */
export function behaviour(
  name: string,
  { on, needs, timeoutMs }: Claim,
  work: (target: Target) => Promise<void>,
): void {
  if (holding === 0) {
    beforeAll(async () => {
      // Started only if a behaviour of the file needs it.
      if (where !== 'nowhere' && holding > 0) target = open();
      await target;
    });
    afterAll(async () => (await target)?.close());
  }
  const lacks = needs !== undefined && where === 'localstack' && !inject('deployment').has.includes(needs);
  const holds = where !== 'nowhere' && on.includes(where) && !lacks;
  if (lacks) process.stdout.write(`NOT PROVEN: this LocalStack has no ${needs}: ${name}\n`);
  if (holds) holding += 1;
  test.skipIf(!holds)(
    name,
    { ...(timeoutMs === undefined ? {} : { timeout: patience(timeoutMs) }) },
    async () => {
      if (target === undefined) throw new Error('the target was not opened');
      await work(await target);
    },
  );
}

function open(): Promise<Target> {
  return where === 'local' ? openLocalTarget() : openLocalStackTarget(inject('deployment'));
}
