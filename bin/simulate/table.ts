import type { ResolvedConfig } from '../../lib/config/schema.ts';
import type { Campaign, CampaignResult } from '../../simulator/campaign.ts';
import type { Sensitivity } from '../../simulator/sensitivity.ts';
import { count, share, time } from '../plan/words.ts';

const aligned = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join('  '),
    )
    .join('\n');
};

function headOf({ ratePerSecond, seconds, tenants = 10, loudShare, seed = 1 }: Campaign): string {
  const loud = loudShare === undefined ? '' : `, one of them with ${share(loudShare)}`;
  return `${count(60 * ratePerSecond)} images a minute for ${time(seconds)}, ${count(tenants)} tenants${loud}, seed ${seed}`;
}

export function campaignTable(
  { process, database }: ResolvedConfig,
  campaign: Campaign,
  result: CampaignResult,
): string {
  const { told, waited, oldest } = result;
  const rows = [
    ['offered', count(result.offered)],
    ['admitted at once', count(result.offered - result.refusedFirst)],
    ['never admitted', count(result.givenUp)],
    ['ready', count(result.ready)],
    ['in the dead-letter queue', count(result.deadLettered)],
    ['drained after', time(result.drainSeconds)],
    ['executions at once, at most', `${result.peakExecutions} of ${process.maxConcurrency}`],
    ['connections at once, at most', `${result.peakConnections} of ${database.maxConnections}`],
    ['told to wait: median, p95, most', [told.p50, told.p95, told.max].map(time).join(', ')],
    ['told against needed, median', result.toldAgainstNeeded.toFixed(2)],
    ['let in at the first return', share(result.letInAtFirstReturn)],
    ['first request to ready: median, p95', [waited.p50, waited.p95].map(time).join(', ')],
    ['upload to ready: median, p95, most', [oldest.p50, oldest.p95, oldest.max].map(time).join(', ')],
    ['brown-out', time(result.brownOutSeconds)],
  ];
  const workers = `${process.maxConcurrency} workers with batches of ${process.batchSize}`;
  return `${headOf(campaign)}, ${workers}\n\n${aligned(rows)}`;
}

export function sensitivityTable(campaign: Campaign, rows: readonly Sensitivity[]): string {
  const head = [
    '',
    'value',
    'drained',
    'refused',
    'told p50',
    'let in',
    'told/needed',
    'ready p50',
    'ready p95',
    'oldest p95',
    'peak',
    'connections',
  ];
  const cells = rows.map(({ knob, factor, value, result }) => {
    const name = knob === undefined ? 'as configured' : `${knob} × ${factor}`;
    const set = value === undefined ? '' : String(Number(value.toFixed(2)));
    if (result === undefined) return [name, set, 'refused'];
    return [
      name,
      set,
      time(result.drainSeconds),
      share(result.refusedFirst / result.offered),
      time(result.told.p50),
      share(result.letInAtFirstReturn),
      result.toldAgainstNeeded.toFixed(2),
      time(result.waited.p50),
      time(result.waited.p95),
      time(result.oldest.p95),
      String(result.peakExecutions),
      String(result.peakConnections),
    ];
  });
  const reasons = rows.flatMap(({ knob, factor, refused }) =>
    refused === undefined ? [] : [`\n${knob} × ${factor} is refused: ${refused}`],
  );
  return (
    `${headOf(campaign)}. The storage fails for 30 s in the middle, the database is away for 20 s after the end.\n\n` +
    [aligned([head, ...cells]), ...reasons].join('\n')
  );
}
