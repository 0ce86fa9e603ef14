import { preflight, worst } from '../../lib/preflight/preflight.ts';
import { accountQueries } from '../../lib/preflight/queries/account.ts';
import { line, summary } from '../../lib/preflight/report.ts';
import type { CdkArguments } from './arguments.ts';
import { configOf } from './config.ts';

/**
 * Checks the account and reports each finding as it is known.
 * @returns whether no finding blocks a deployment
 * @throws ConfigMistakes, ConfigUnreadable
 */
export async function checkAccount(
  { stage, profile }: CdkArguments,
  { json, say }: { json: boolean; say: (text: string) => void },
): Promise<boolean> {
  const config = await configOf(stage);
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  if (!json) say(`Checking whether the stage ${stage} can be deployed to the account …`);
  const findings = await preflight(config, await accountQueries(), (finding) => {
    if (!json) say(line(finding));
  });
  say(json ? JSON.stringify({ stage, findings }, null, 2) : summary(findings, stage));
  return worst(findings) !== 'blocks';
}
