import type { Finding, Verdict } from './finding.ts';

const words: Record<Verdict, string> = {
  ok: 'ok',
  warning: 'warning',
  blocks: 'BLOCKS',
  unknown: 'not known',
};

/** A finding as text: check, state, and advice. */
export function line({ check, verdict, says, advice }: Finding): string {
  const first = `${words[verdict].padEnd(9)}  ${check}: ${says}`;
  if (advice === undefined) return first;
  return [first, ...advice.split('\n').map((one) => `           → ${one}`)].join('\n');
}

/** The last line of the report. */
export function summary(findings: readonly Finding[], stage: string): string {
  const count = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length;
  const blocking = count('blocks');
  const parts = [
    `${count('ok')} ok`,
    `${count('warning')} ${count('warning') === 1 ? 'warning' : 'warnings'}`,
    `${count('unknown')} not known`,
    `${blocking} blocking`,
  ].join(', ');
  if (findings.every(({ verdict }) => verdict === 'unknown'))
    return `The account could not be queried: whether a deploy of the stage ${stage} would succeed is not known (${parts}).`;
  return blocking === 0
    ? `No known problem blocks a deploy of the stage ${stage} (${parts}).`
    : `A deploy of the stage ${stage} would fail (${parts}).`;
}
