import { expect } from 'vitest';
import { namesWhere } from '../../../lib/catalogue/select.ts';
import { stageConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import type { AccountQueries } from '../../../lib/preflight/account-queries.ts';
import type { Finding, Verdict } from '../../../lib/preflight/finding.ts';
import { preflight } from '../../../lib/preflight/preflight.ts';
import { line } from '../../../lib/preflight/report.ts';
import { freshAccount, stack } from './account-fixtures.ts';

export const plain: SluiceConfig = { presets: { small: { width: 320 } } };
export async function runPreflight(
  changes: Partial<AccountQueries> = {},
  config: Partial<SluiceConfig> = {},
  stage = 'prod',
): Promise<Finding[]> {
  return preflight(stageConfig({ ...plain, ...config }, stage), freshAccount(changes));
}
/** The finding of one check. */
export async function finding(check: string, ...options: Parameters<typeof runPreflight>): Promise<Finding> {
  const findings = await runPreflight(...options);
  const found = findings.find((one) => one.check === check);
  if (found === undefined)
    throw new Error(`${check} is not among ${findings.map((one) => one.check).join(', ')}`);
  return found;
}
/** Expects a verdict, and texts in the printed line. */
export const expectFinding = (one: Finding, verdict: Verdict, ...texts: string[]) => {
  expect(one, line(one)).toMatchObject({ verdict });
  for (const text of texts) expect(line(one)).toContain(text);
};
export const pipeline = stack('SluiceProdPipeline', { Description: 'Sluice: the image pipeline' });
export const data = stack('SluiceProdData');
/** Queries of an account where the stage is deployed with these resources. */
export const deployed = (resources: { type: string; id: string }[] = []): Partial<AccountQueries> => ({
  stack: async (name) =>
    ({ SluiceProdPipeline: pipeline, SluiceProdData: data })[name] ?? freshAccount().stack(name),
  stackResources: async (name) => (name === pipeline.StackName ? resources : []),
});
export const functions = namesWhere(() => true).map((id) => ({
  type: 'AWS::Lambda::Function',
  id,
}));
