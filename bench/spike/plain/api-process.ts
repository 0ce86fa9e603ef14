import type pg from 'pg';
import type { Quantiles } from '../../../simulator/quantiles.ts';
import { seeded } from '../../imaging/photographs/random.ts';
import { roundedQuantiles } from '../rounded.ts';
import { PlainApi } from './api.ts';
import { PlainProducers, type ProducerCounts, type ProducerPhase, type ProducerRates } from './producers.ts';
import { openQueue, type QueueAddress } from './sqs-client.ts';

/* The process of the producers and of the API's instances. It ends with its parent. */

export type ApiMessage =
  | { start: { queue: QueueAddress; database: pg.ClientConfig; rates: ProducerRates } }
  | { enter: ProducerPhase }
  | { deploy: true };

export interface ApiReport extends ProducerCounts {
  executions: number;
  pending: number;
  /** Connections of the version before the deploy. */
  old: number;
  refusedBy: Record<string, number>;
  /** Milliseconds of a request by phase, once the producers have ended. */
  times?: Record<string, Quantiles>;
}

const reportEveryMs = 50;
/** A report to a parent that has just ended. */
const ignore = () => undefined;
let running: { api: PlainApi; producers: PlainProducers } | undefined;
let over = false;

function report({ api, producers }: { api: PlainApi; producers: PlainProducers }): ApiReport {
  const { executions, refusedBy, old } = api;
  const { counts, pending } = producers;
  const settled = over && pending === 0;
  const times = () =>
    Object.fromEntries(Object.entries(producers.times).map(([name, all]) => [name, roundedQuantiles(all)]));
  return {
    ...counts,
    ...{ executions, refusedBy, pending, old },
    ...(settled ? { times: times() } : {}),
  };
}

process.on('message', (message: ApiMessage) => {
  if ('start' in message) {
    const { queue, database, rates } = message.start;
    const api = new PlainApi(openQueue(queue), database, seeded(14));
    const opened = { api, producers: new PlainProducers(api, rates, seeded(15)) };
    running = opened;
    setInterval(() => process.send?.(report(opened), ignore), reportEveryMs);
  } else if ('enter' in message) {
    over = message.enter === 'over';
    running?.producers.enter(message.enter);
  } else void running?.api.deploy();
});
process.once('disconnect', () => process.exit());
