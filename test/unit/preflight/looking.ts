import { expect } from 'vitest';
import { stageConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import type { AccountQueries } from '../../../lib/preflight/account-queries.ts';
import type { Finding, Verdict } from '../../../lib/preflight/finding.ts';
import { preflight } from '../../../lib/preflight/preflight.ts';
import { line } from '../../../lib/preflight/report.ts';
import { fresh, stack } from './answers.ts';

export const plain: SluiceConfig = { presets: { small: { width: 320 } } };
export async function look(
  changes: Partial<AccountQueries> = {},
  config: Partial<SluiceConfig> = {},
  stage = 'prod',
): Promise<Finding[]> {
  return preflight(stageConfig({ ...plain, ...config }, stage), fresh(changes));
}
/** What came of one check. */
export async function finding(check: string, ...how: Parameters<typeof look>): Promise<Finding> {
  const findings = await look(...how);
  const found = findings.find((one) => one.check === check);
  if (found === undefined)
    throw new Error(`${check} is not among ${findings.map((one) => one.check).join(', ')}`);
  return found;
}
/** Of a finding its verdict, and words that a person reads. */
export const expectThat = (one: Finding, verdict: Verdict, ...words: string[]) => {
  expect(one, line(one)).toMatchObject({ verdict });
  for (const word of words) expect(line(one)).toContain(word);
};
export const pipeline = stack('SluiceProdPipeline', { Description: 'Sluice: the image pipeline' });
export const data = stack('SluiceProdData');
/** The stage is deployed, and its stacks have these resources. */
export const deployed = (resources: { type: string; id: string }[] = []): Partial<AccountQueries> => ({
  stack: async (name) =>
    ({ SluiceProdPipeline: pipeline, SluiceProdData: data })[name] ?? fresh().stack(name),
  stackResources: async (name) => (name === pipeline.StackName ? resources : []),
});
export const functions = ['api', 'process', 'sweep', 'migrate', 'operate'].map((id) => ({
  type: 'AWS::Lambda::Function',
  id,
}));
