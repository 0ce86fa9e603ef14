import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHandler } from '../../../lambda/audit/handler.ts';
import type { ImageEvent } from '../../../lambda/domain/event.ts';
import { verifyAudit } from '../../../lambda/operate/audit.ts';
import { imageEvent } from '../../support/kafka/events.ts';
import { openTestDb, type TestDb } from '../postgres/rows.ts';
import { invocation, recordingLog } from '../process/test-worker.ts';
import { kafkaBatch, sqsBatch } from './batches.ts';
import { queueOfRefused } from './queue-of-refused.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());

const refused = queueOfRefused();
const audit = () => {
  const handler = createHandler({
    database: db.as('sluice_audit'),
    refusedEvents: refused,
    log: recordingLog(),
  });
  return (batch: object) =>
    handler(
      batch,
      invocation(() => 30_000),
    );
};
const verify = (tenant: string, after?: string) =>
  db.as('sluice_operate').run((connection) => verifyAudit(connection, { tenant, after }));
const trail = async (tenant: string): Promise<ImageEvent[]> =>
  (
    await db.admin.query('select event from audit_line where tenant_id = $1 order by number', [tenant])
  ).rows.map(({ event }) => JSON.parse(event));
const tenant = () => `t-${randomUUID()}`.slice(0, 20);
const eventsOf = (of: string, count: number, image = randomUUID()) =>
  Array.from({ length: count }, (_, place) => imageEvent({ tenant: of, image, sequence: place + 1 }));

/** A trail of nine lines. */
async function written(): Promise<string> {
  const of = tenant();
  await audit()(kafkaBatch(eventsOf(of, 9)));
  return of;
}
/** Statements of somebody with the rights of the owner, who switches the guards off. */
async function tamper(...statements: string[]): Promise<void> {
  await db.admin.query('begin');
  await db.admin.query("set local session_replication_role = 'replica'");
  for (const statement of statements) await db.admin.query(statement);
  await db.admin.query('commit');
}

describe('the audit trail', () => {
  it('has the events of each tenant in the order in which they came, as they came', async () => {
    const [one, other] = [tenant(), tenant()];
    const [first, second] = [eventsOf(one, 5), eventsOf(other, 5)];
    await audit()(kafkaBatch(first.flatMap((event, place) => [event, second[place] ?? event])));
    expect(await trail(one)).toEqual(first);
    expect(await trail(other)).toEqual(second);
    for (const of of [one, other])
      expect(await verify(of)).toMatchObject({ lines: 5, findings: [], complete: true });
  });

  it('has an event once: twice in a batch, again, in parts, and from the other source', async () => {
    const of = tenant();
    const events = eventsOf(of, 30);
    const append = audit();
    await append(kafkaBatch([...events.slice(0, 10), ...events.slice(0, 10)]));
    await append(kafkaBatch(events.slice(5, 20)));
    await append(sqsBatch(events.slice(0, 30)));
    expect(await trail(of)).toEqual(events);
    expect(await verify(of)).toMatchObject({ lines: 30, findings: [] });
  });

  it('stays one chain when executions append at once, as after a rebalance', async () => {
    const [one, other] = [tenant(), tenant()];
    const of = (name: string) => Array.from({ length: 6 }, () => eventsOf(name, 20));
    const batches = [...of(one), ...of(other)];
    // Each batch twice, with events of both tenants, at six executions.
    const mixed = batches.map((batch, place) => [...batch, ...(batches[(place + 5) % 12] ?? [])]);
    await Promise.all(
      [...mixed, ...mixed.toReversed()].map((batch) =>
        audit()(kafkaBatch(batch)).catch(() => audit()(kafkaBatch(batch))),
      ),
    );
    for (const name of [one, other]) {
      const lines = await trail(name);
      expect(lines).toHaveLength(120);
      expect(new Set(lines.map(({ id }) => id)).size).toBe(120);
      // The order of each image is kept.
      for (const image of Map.groupBy(lines, ({ subject }) => subject).values())
        expect(image.map(({ sequence }) => Number(sequence))).toEqual(image.map((_, place) => place + 1));
      expect(await verify(name)).toMatchObject({ lines: 120, findings: [] });
    }
  });

  it('the role of the function can neither change nor remove a line, nor set the end back', async () => {
    const of = await written();
    for (const statement of [
      `update audit_line set event = '' where tenant_id = '${of}'`,
      `delete from audit_line where tenant_id = '${of}'`,
      'truncate audit_line',
      `update audit_head set number = 1 where tenant_id = '${of}'`,
      `delete from audit_head where tenant_id = '${of}'`,
    ])
      await expect(
        db.as('sluice_audit').run((c) => c.query(statement)),
        statement,
      ).rejects.toMatchObject({
        code: '42501',
      });
  });

  it('not even the owner changes a line by mistake', async () => {
    const of = await written();
    for (const statement of [
      "update audit_line set event = ''",
      'delete from audit_line',
      'truncate audit_line',
    ])
      await expect(db.admin.query(statement)).rejects.toThrow('lines of the audit trail are never changed');
    expect(await verify(of)).toMatchObject({ findings: [] });
  });

  const swapRows = (of: string, n: number, m: number) => [
    `update audit_line set number = 1000000 where tenant_id = '${of}' and number = ${n}`,
    `update audit_line set number = ${n} where tenant_id = '${of}' and number = ${m}`,
    `update audit_line set number = ${m} where tenant_id = '${of}' and number = 1000000`,
  ];
  const swapEvents = (of: string, n: number, m: number) => [
    `update audit_line line set event = other.event from audit_line other
     where line.tenant_id = '${of}' and other.tenant_id = '${of}'
       and (line.number, other.number) in ((${n}, ${m}), (${m}, ${n}))`,
  ];
  it.each<[string, (of: string) => string[], object[]]>([
    [
      'a changed line',
      (of) => [
        `update audit_line set event = replace(event, '"bytes":1000', '"bytes":1') where tenant_id = '${of}' and number = 4`,
      ],
      [{ finding: 'changed', line: 4 }],
    ],
    [
      'a changed last line',
      (of) => [`update audit_line set event = event || ' ' where tenant_id = '${of}' and number = 9`],
      [{ finding: 'changed', line: 9 }],
    ],
    [
      'a changed hash',
      (of) => [`update audit_line set hash = sha256('x') where tenant_id = '${of}' and number = 9`],
      [{ finding: 'changed', line: 9 }],
    ],
    [
      'a changed id, which would let the event come again',
      (of) => [`update audit_line set event_id = gen_random_uuid() where tenant_id = '${of}' and number = 2`],
      [{ finding: 'changed', line: 2 }],
    ],
    [
      'a missing line',
      (of) => [`delete from audit_line where tenant_id = '${of}' and number = 5`],
      [
        { finding: 'missing', line: 5 },
        { finding: 'unverifiable', line: 6 },
      ],
    ],
    [
      'a missing first line',
      (of) => [`delete from audit_line where tenant_id = '${of}' and number = 1`],
      [
        { finding: 'missing', line: 1 },
        { finding: 'unverifiable', line: 2 },
      ],
    ],
    [
      'a changed line behind missing ones, of which nothing tells',
      (of) => [
        `delete from audit_line where tenant_id = '${of}' and number in (2, 3)`,
        `update audit_line set event = replace(event, '"bytes":1000', '"bytes":1') where tenant_id = '${of}' and number = 4`,
      ],
      [
        { finding: 'missing', line: 2 },
        { finding: 'missing', line: 3 },
        { finding: 'unverifiable', line: 4 },
      ],
    ],
    [
      'a changed id behind a missing line',
      (of) => [
        `delete from audit_line where tenant_id = '${of}' and number = 3`,
        `update audit_line set event_id = gen_random_uuid() where tenant_id = '${of}' and number = 4`,
      ],
      [
        { finding: 'missing', line: 3 },
        { finding: 'changed', line: 4 },
      ],
    ],
    [
      'missing last lines',
      (of) => [`delete from audit_line where tenant_id = '${of}' and number > 7`],
      [{ finding: 'missing_at_end', line: 8, last: 9 }],
    ],
    [
      'a whole trail that is missing',
      (of) => [`delete from audit_line where tenant_id = '${of}'`],
      [{ finding: 'missing_at_end', line: 1, last: 9 }],
    ],
    ['two swapped lines', (of) => swapRows(of, 3, 7), [{ finding: 'swapped', line: 3, with: 7 }]],
    ['two swapped neighbours', (of) => swapRows(of, 4, 5), [{ finding: 'swapped', line: 4, with: 5 }]],
    ['two swapped events', (of) => swapEvents(of, 2, 6), [{ finding: 'swapped', line: 2, with: 6 }]],
    [
      'a missing line whose followers were numbered anew',
      (of) => [
        `delete from audit_line where tenant_id = '${of}' and number = 5`,
        `update audit_line set number = number - 1 where tenant_id = '${of}' and number > 5`,
      ],
      [
        { finding: 'changed', line: 5 },
        { finding: 'changed', line: 6 },
        { finding: 'changed', line: 7 },
        { finding: 'changed', line: 8 },
        { finding: 'missing_at_end', line: 9, last: 9 },
      ],
    ],
  ])('finds %s by name, and nothing else', async (_, statements, findings) => {
    const of = await written();
    await tamper(...statements(of));
    const found = (await verify(of)).findings;
    // Each id is swapped with its event or not; both are named by the lines.
    expect(found).toEqual(findings);
  });

  it('lists a thousand findings of a trail that was changed throughout, and counts the rest', async () => {
    const of = tenant();
    await tamper(
      `insert into audit_line (tenant_id, number, event_id, event, hash)
        select '${of}', n, uuidv7(), repeat('x', 900), sha256(n::text::bytea) from generate_series(1, 3000) n`,
      `insert into audit_line (tenant_id, number, event_id, event, hash)
        select '${of}', 9000, uuidv7(), 'x', sha256('x')`,
    );
    const { findings, unlisted, lines } = await verify(of);
    expect(lines).toBe(3001);
    expect(findings).toEqual(Array.from({ length: 1000 }, (_, n) => ({ finding: 'changed', line: n + 1 })));
    // Of the lines, of the gap, and the one behind it.
    expect(unlisted).toBe(2000 + 5999 + 1);
  });

  it('finds with an anchor that the whole trail was rewritten, last line included', async () => {
    const of = await written();
    const { anchor } = await verify(of);
    await tamper(
      `delete from audit_line where tenant_id = '${of}'`,
      `delete from audit_head where tenant_id = '${of}'`,
    );
    await audit()(kafkaBatch(eventsOf(of, 9)));
    expect(await verify(of)).toMatchObject({ findings: [] });
    expect(await verify(of, anchor)).toMatchObject({ findings: [{ finding: 'anchor_differs', line: 9 }] });
  });

  it('continues after an anchor, without the lines before it', async () => {
    const of = await written();
    const { anchor } = await verify(of);
    await audit()(kafkaBatch(eventsOf(of, 3)));
    expect(await verify(of, anchor)).toMatchObject({ lines: 3, findings: [], complete: true });
  });

  it('refuses an event with a character that Postgres does not store, alone', async () => {
    const of = tenant();
    const [good, after] = eventsOf(of, 2);
    const bad = { ...imageEvent({ tenant: of }), data: { ...imageEvent({}).data, metadata: { note: 'x' } } };
    const broken = JSON.stringify(bad).replace('"x"', '"\u0000"');
    await audit()(sqsBatch([good ?? '', broken, after ?? '']));
    expect(await trail(of)).toEqual([good, after]);
    expect(refused.sent.at(-1)?.text).toBe(broken);
  });
});
