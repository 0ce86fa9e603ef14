import { functionSpecifications } from '../bundling/specifications.ts';
import { queueConsumers, scheduled } from '../catalogue/select.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { type CostItem, lambda, logs, million, millions, part, traces } from './cost-item.ts';
import { hoursPerMonth, minutesPerMonth, monthSeconds, prices } from './prices.ts';
import { idle, ownMetrics } from './usage.ts';

/** Rules of lib/api/firewall.ts. */
const firewallRules = 2;

/** Of lib/observe/consumer-lag.ts. */
const alarms = 2;

/** The other idle costs: keys, firewall, polls, functions that run at intervals, and their logs. */
export function idleCost(config: ResolvedConfig): CostItem[] {
  const { database, deploy } = config;
  const own = database.connection === undefined;
  const keys = own ? 3 : 2;
  const specifications = functionSpecifications(config);
  const runs = scheduled().map(([name, everySeconds]) => ({ name, count: monthSeconds / everySeconds }));
  const allRuns = runs.reduce((sum, { count }) => sum + count, 0);
  // ImageJobs, and the queues between functions.
  const queues = 1 + queueConsumers().length;
  const polls = (queues * idle.pollers * 3600 * hoursPerMonth) / idle.pollSeconds;
  const logBytes =
    allRuns * idle.scheduledLogBytes +
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
      'Polls of empty queues',
      million(polls) * prices.sqsMillion,
      `${millions(polls)} receives of ${queues} queues`,
    ),
    ...runs.map(({ name, count }) =>
      lambda('idle', config, name, count, idle.scheduledSeconds, specifications[name].memoryMb),
    ),
    ...(deploy.tracing ? [traces('idle', 'Traces of schedules', allRuns)] : []),
    logs('idle', 'Logs', logBytes, deploy.logDays),
    part(
      'idle',
      'logs',
      'Metrics of the functions',
      ownMetrics.idle * prices.metricMonth,
      `${ownMetrics.idle} metrics`,
    ),
    part('idle', 'logs', 'Alarms', alarms * prices.alarmMonth, `${alarms} alarms`),
  ];
}
