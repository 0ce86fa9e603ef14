import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';

/* Ways to read a document, to decide what it shall be, and to write it: its number and 1. */

/** In the order of the table. */
export const wayNames = ['unchecked', 'version', 'rowLock', 'giantLock', 'oneStatement'] as const;
export type WayName = (typeof wayNames)[number];

/** How far the database is, and how long a decision takes, in milliseconds. */
export interface Times {
  roundTripMs: number;
  thinkMs: number;
}

/** Makes one edit of a row. @returns how often it was attempted */
export type Edit = (session: pg.Client, row: number, times: Times) => Promise<number>;

interface Document {
  revision: number;
  metadata: { number: number };
}

/** A statement, after the time in which it travels. */
async function ask<Row>(
  session: pg.Client,
  times: Times,
  name: string,
  text: string,
  values: unknown[] = [],
) {
  await pause(times.roundTripMs);
  const { rows, rowCount } = await session.query({ name, text, values });
  return { rows: rows as Row[], rowCount };
}

async function readAndDecide(session: pg.Client, row: number, times: Times, lock: '' | ' for update') {
  const text = `select revision, metadata from document where id = $1${lock}`;
  const { rows } = await ask<Document>(session, times, `read${lock}`, text, [row]);
  const [document] = rows;
  if (document === undefined) throw new Error(`no document ${row}`);
  if (times.thinkMs > 0) await pause(times.thinkMs);
  return { revision: document.revision, metadata: { number: document.metadata.number + 1 } };
}

async function write(session: pg.Client, row: number, times: Times, { metadata }: Document): Promise<void> {
  const text = 'update document set metadata = $2, revision = revision + 1 where id = $1';
  await ask(session, times, 'write', text, [row, metadata]);
}

/** In a transaction, with a lock from before the read until after the commit. */
function locked(before: string | undefined, lock: '' | ' for update'): Edit {
  return async (session, row, times) => {
    await ask(session, times, 'begin', 'begin');
    if (before !== undefined) await ask(session, times, 'lock', before);
    await write(session, row, times, await readAndDecide(session, row, times, lock));
    await ask(session, times, 'commit', 'commit');
    return 1;
  };
}

export const ways: Record<WayName, Edit> = {
  async unchecked(session, row, times) {
    await write(session, row, times, await readAndDecide(session, row, times, ''));
    return 1;
  },
  async version(session, row, times) {
    for (let attempt = 1; ; attempt += 1) {
      const { revision, metadata } = await readAndDecide(session, row, times, '');
      const text =
        'update document set metadata = $2, revision = revision + 1 where id = $1 and revision = $3';
      const { rowCount } = await ask(session, times, 'compare', text, [row, metadata, revision]);
      if (rowCount === 1) return attempt;
    }
  },
  rowLock: locked(undefined, ' for update'),
  giantLock: locked('select pg_advisory_xact_lock(1)', ''),
  async oneStatement(session, row, times) {
    const text = `update document set revision = revision + 1,
      metadata = jsonb_set(metadata, '{number}', to_jsonb((metadata ->> 'number')::int + 1)) where id = $1`;
    await ask(session, times, 'one', text, [row]);
    return 1;
  },
};
