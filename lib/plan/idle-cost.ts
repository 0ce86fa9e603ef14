import { functionSpecifications } from '../bundling/specifications.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { type CostItem, lambda, logs, million, millions, part, traces } from './cost-item.ts';
import { hoursPerMonth, minutesPerMonth, prices } from './prices.ts';
import { idle } from './usage.ts';

/** Rules of lib/api/firewall.ts. */
const firewallRules = 2;

/** The other idle costs: keys, firewall, polls, sweeps and their logs. */
export function idleCost(config: ResolvedConfig): CostItem[] {
  const { database, deploy } = config;
  const own = database.connection === undefined;
  const keys = own ? 3 : 2;
  const { sweep } = functionSpecifications(config);
  const sweeps = idle.sweepsPerMinute * minutesPerMonth;
  const polls = (idle.pollers * 3600 * hoursPerMonth) / idle.pollSeconds;
  const logBytes =
    sweeps * idle.sweepLogBytes +
    (own ? minutesPerMonth * (idle.monitoringLogBytesPerMinute + idle.networkLogBytesPerMinute) : 0);
  return [
    part('idle', 'network', 'KMS keys', keys * prices.kmsKeyMonth, `${keys} keys`),
    ...(deploy.firewall
      ? [
          part(
            'idle',
            'network',
            'Firewall',
            prices.wafAclMonth + firewallRules * prices.wafRuleMonth,
            `1 list of ${prices.wafAclMonth}, ${firewallRules} rules`,
          ),
        ]
      : []),
    part(
      'idle',
      'queue',
      'Polls of an empty queue',
      million(polls) * prices.sqsMillion,
      `${millions(polls)} receives`,
    ),
    lambda('idle', config, 'sweep', sweeps, idle.sweepSeconds, sweep.memoryMb),
    ...(deploy.tracing ? [traces('idle', 'Traces of sweep', sweeps)] : []),
    logs('idle', 'Logs', logBytes, deploy.logDays),
  ];
}
