import type { Finding, Verdict } from './finding.ts';

const words: Record<Verdict, string> = {
  ok: 'ok',
  warning: 'warning',
  blocks: 'BLOCKS',
  unknown: 'not known',
};

/** A finding for a person: what was looked at, what is there, and what to do about it. */
export function line({ check, verdict, says, advice }: Finding): string {
  const first = `${words[verdict].padEnd(9)}  ${check}: ${says}`;
  if (advice === undefined) return first;
  return [first, ...advice.split('\n').map((one) => `           → ${one}`)].join('\n');
}

/** The end of it. */
export function summary(findings: readonly Finding[], stage: string): string {
  const count = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length;
  const blocking = count('blocks');
  const parts = [
    `${count('ok')} ok`,
    `${count('warning')} ${count('warning') === 1 ? 'warning' : 'warnings'}`,
    `${count('unknown')} not known`,
    `${blocking} in the way`,
  ].join(', ');
  if (findings.every(({ verdict }) => verdict === 'unknown'))
    return `Nothing could be asked: whether a deploy of the stage ${stage} goes through is not known (${parts}).`;
  return blocking === 0
    ? `Nothing known stands in the way of a deploy of the stage ${stage} (${parts}).`
    : `A deploy of the stage ${stage} would fail (${parts}).`;
}
