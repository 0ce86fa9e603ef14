import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { expect, onTestFinished } from 'vitest';
import { createStream } from '../../../lambda/export/stream.ts';
import { connect } from '../../../lambda/postgres/connection/connection.ts';
import type { Paging } from '../../../lambda/postgres/exports/records.ts';
import type { ResponseMetadata } from '../../../lambda/runtime/stream-handler.ts';
import { patience } from '../../support/pace.ts';
import type { TestDb } from '../postgres/rows.ts';

export interface Streamed {
  metadata: ResponseMetadata | undefined;
  text: string;
  bytes: Buffer;
  /** Whether the response was ended, and not cut off. */
  complete: boolean;
  error: unknown;
}

/** Lines of the log of a test. */
export const quiet = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  remember() {},
  forget() {},
};

/** Inserts the key `key-of-<tenant>` of a tenant. */
export async function insertKey({ admin }: Pick<TestDb, 'admin'>, tenant: string): Promise<void> {
  const sha256 = createHash('sha256').update(`key-of-${tenant}`).digest();
  await admin.query('insert into api_key (sha256, tenant_id) values ($1, $2)', [sha256, tenant]);
}

/** Sends one request to the function, in this process, on a session of its own role. */
export async function stream(
  db: Pick<TestDb, 'options'>,
  query: Record<string, string> = {},
  {
    key = 'key-of-alpha',
    headers = {},
    stalledMs,
    paging,
    write = (_chunk: Buffer, done: () => void) => done(),
    multi = {},
    remainingMs = 900_000,
    gone = new AbortController(),
  }: {
    key?: string | null;
    headers?: Record<string, string>;
    stalledMs?: number;
    paging?: Paging;
    write?: (chunk: Buffer, done: () => void, body: Writable) => void;
    multi?: Record<string, string[]>;
    /** Of the invocation. */
    remainingMs?: number;
    /** Aborted when the reader goes away. */
    gone?: AbortController;
  } = {},
): Promise<Streamed> {
  const handle = createStream({
    connect: (signal) => connect(db.options('sluice_export'), signal),
    origins: ['https://example.com'],
    log: quiet,
    ...(stalledMs === undefined ? {} : { stalledMs }),
    ...(paging === undefined ? {} : { paging }),
  });
  const chunks: Buffer[] = [];
  let metadata: ResponseMetadata | undefined;
  const body: Writable = new Writable({
    highWaterMark: 65_536,
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      write(chunk, done, body);
    },
  });
  body.on('error', () => undefined);
  body.once('close', () => {
    if (!body.writableFinished) gone.abort();
  });
  onTestFinished(() => void body.destroy());
  const event = {
    headers: { ...(key === null ? {} : { Authorization: `Bearer ${key}` }), ...headers },
    queryStringParameters: query,
    multiValueQueryStringParameters: multi,
    requestContext: { requestId: 'request-1' },
  };
  const response = {
    begin(given: ResponseMetadata) {
      metadata = given;
      return body;
    },
    gone: gone.signal,
  };
  let error: unknown;
  await handle(event as never, response, () => remainingMs).catch((thrown: unknown) => {
    error = thrown;
  });
  if (body.writableEnded && !body.writableFinished && !body.destroyed) await once(body, 'finish');
  const bytes = Buffer.concat(chunks);
  return { metadata, text: bytes.toString(), bytes, complete: body.writableFinished, error };
}

/** Reads CSV (RFC 4180) strictly. @throws at anything else */
export function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let at = 0;
  let record: string[] = [];
  while (at < text.length) {
    let field = '';
    if (text[at] === '"') {
      for (at += 1; ; at += 1) {
        if (at >= text.length) throw new Error('a quoted field does not end');
        if (text[at] !== '"') field += text[at];
        else if (text[at + 1] === '"') field += text[++at];
        else break;
      }
      at += 1;
    } else {
      while (at < text.length && !',\r\n'.includes(text[at] as string)) {
        if (text[at] === '"') throw new Error('a quote in a field without quotes');
        field += text[at++];
      }
    }
    record.push(field);
    if (text[at] === ',') at += 1;
    else if (text.startsWith('\r\n', at)) {
      at += 2;
      records.push(record);
      record = [];
    } else throw new Error(`unexpected ${JSON.stringify(text.slice(at, at + 10))} at ${at}`);
  }
  if (record.length > 0) throw new Error('the last line has no end');
  return records;
}

/** A field as its user wrote it: without the apostrophe that defuses formulas. */
export function undefused(field: string): string {
  return field.startsWith("'") ? field.slice(1) : field;
}

/** Asks until the answer is as expected, for `ms` of a quiet machine. */
export async function eventuallyEqual<Value>(
  ask: () => Promise<Value>,
  expected: Value,
  ms = 10_000,
): Promise<void> {
  await expect.poll(ask, { timeout: patience(ms), interval: 20 }).toBe(expected);
}
