import type { OutgoingMessage } from '../../../lambda/aws/message-queue.ts';
import type { ImageEvent, SinkName } from '../../../lambda/domain/event.ts';
import type { Dependencies } from '../../../lambda/relay/dependencies.ts';
import { type RelayReport, relayEvents } from '../../../lambda/relay/relay.ts';
import type { Sink } from '../../../lambda/relay/sink.ts';
import { recordMetrics } from '../../support/metrics.ts';
import { insertImage, type TestDb } from '../postgres/rows.ts';
import { recordingLog } from '../process/test-worker.ts';

/** A sink that keeps what it accepts; `takes` decides. */
export function openSink(name: SinkName, takes: (event: ImageEvent) => boolean = () => true) {
  const seen: ImageEvent[] = [];
  const sink: Sink & { seen: ImageEvent[]; calls: number } = {
    name,
    seen,
    calls: 0,
    async send(events) {
      sink.calls += 1;
      const refused = new Set<string>();
      return events.map((event) => {
        if (refused.has(event.subject) || !takes(event)) {
          refused.add(event.subject);
          return false;
        }
        seen.push(event);
        return true;
      });
    },
  };
  return sink;
}
/** A relay with a database, whose own queue accepts all and keeps them in `nudges`. */
export function openRelay(db: TestDb) {
  const nudges: OutgoingMessage[] = [];
  const relay = (
    sinks: readonly Sink[],
    remaining = () => 60_000,
    given: Partial<Dependencies> = {},
  ): Promise<RelayReport> =>
    relayEvents(
      {
        database: db.as('sluice_relay'),
        sinks,
        park: async (refused) => refused.map(() => true),
        nudges: {
          async send(messages) {
            nudges.push(...messages);
            return new Map();
          },
        },
        log: recordingLog(),
        metrics: recordMetrics().metrics,
        ...given,
      },
      remaining,
    );
  return { nudges, relay };
}

/** Images, each with two events. */
export async function insertImages(db: TestDb, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) ids.push(await insertImage(db.admin, { values: { status: 'queued' } }));
  await db.admin.query("update image set status = 'expired' where id = any($1::uuid[])", [ids]);
  return ids;
}
/** Who is at work, how often a sink was away in a row, the seconds that are left, and their end in seconds since 1970. */
export async function readLease(db: TestDb) {
  const { rows } = await db.admin.query(
    `select holder, stalls, extract(epoch from held_until - clock_timestamp())::float8 as left,
       extract(epoch from held_until)::float8 as until from relay_lease`,
  );
  return rows[0];
}

/** Before each test. */
export async function clear(db: TestDb): Promise<void> {
  await db.admin.query('truncate image_event, image cascade');
  await db.admin.query("update relay_lease set holder = null, held_until = '-infinity', stalls = 0");
}
