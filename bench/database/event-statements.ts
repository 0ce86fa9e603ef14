import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { removeOldEvents } from '../../lambda/postgres/events/old-events.ts';
import { eventsOfImage } from '../../lambda/postgres/events/reading.ts';
import { endRelayLease, takeRelayLease } from '../../lambda/postgres/events/relay-lease.ts';
import { eventLag, recordOutcomes, unsentEvents } from '../../lambda/postgres/events/unsent.ts';
import { largestTenant } from './fill.ts';
import { one } from './find-images.ts';
import type { Case } from './statements.ts';

/** Two events of each ready image, of which a thousandth is not sent. Their numbers are below those that statements write. */
async function fillEvents(client: pg.Client): Promise<void> {
  await client.query(`insert into image_event (image_id, sequence, id, type, tenant_id, time, data, sent_at)
    select id, sequence, gen_random_uuid(), case sequence when -1 then 'image.admitted' else 'image.ready' end, tenant_id,
      created_at, jsonb_build_object('id', id, 'metadata', metadata),
      case when get_byte(uuid_send(id), 15) + get_byte(uuid_send(id), 14) * 256 > 65 then created_at end
    from (select * from image where status = 'ready' order by id desc limit 1000000) newest, generate_series(-1, 0) sequence
    on conflict do nothing`);
  await client.query('vacuum (analyze) image_event');
}

/** Statements of the relay and of events. */
export async function eventCases(client: pg.Client): Promise<Case[]> {
  await fillEvents(client);
  const tenant = largestTenant;
  const ready = await one(client, `tenant_id = '${tenant}' and status = 'ready' and deleted_at is null`);
  const holder = randomUUID();
  const limit = 200;
  const relay = (name: string, what: string, run: Case['run']): Case => ({ by: 'relay', name, what, run });
  return [
    relay('takeRelayLease', 'free', (c) => takeRelayLease(c, holder, 20)),
    relay('endRelayLease', 'held', (c) => endRelayLease(c, holder)),
    relay('unsentEvents', `${limit}`, (c) => unsentEvents(c, { limit })),
    relay('unsentEvents', `${limit}, without those of 100 images`, async (c) => {
      const refused = await unsentEvents(c, { limit: 100 });
      return unsentEvents(c, { limit, except: refused.map(({ event }) => event.subject) });
    }),
    relay('recordOutcomes', `${limit}`, async (c) => {
      await takeRelayLease(c, holder, 20);
      const events = await unsentEvents(c, { limit });
      const outcomes = events.map(({ event: { subject, sequence } }) => ({
        ...{ imageId: subject, sequence: Number(sequence) },
        ...{ sent: true, accepted: ['eventBridge'] },
      }));
      return recordOutcomes(c, { holder, leaseSeconds: 20 }, outcomes);
    }),
    relay('eventLag', 'at most 10,000', (c) => eventLag(c)),
    {
      ...{ by: 'api', name: 'eventsOfImage', what: 'ready' },
      run: (c) => eventsOfImage(c, { tenant, imageId: ready }, { after: -2, limit: 100 }),
    },
    {
      ...{ by: 'sweep', name: 'removeOldEvents', what: '10,000' },
      run: (c) => removeOldEvents(c, { olderThanSeconds: 7 * 86_400, limit: 10_000 }),
    },
  ];
}
