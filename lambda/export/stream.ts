import { randomUUID } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { csvType } from '../domain/export.ts';
import { originHeaders } from '../domain/origins.ts';
import { problems } from '../domain/problems.ts';
import type { OpenConnection } from '../postgres/connection/connection.ts';
import { type Lane, leaveLane, takeLane } from '../postgres/exports/lane.ts';
import { exportRecords, type Paging } from '../postgres/exports/records.ts';
import { beginSnapshot, endSnapshot } from '../postgres/exports/snapshot.ts';
import { acceptedEncoding, compressor, type Encoding } from '../runtime/content-encoding.ts';
import type { RemainingTime } from '../runtime/handler.ts';
import type { Log } from '../runtime/logger.ts';
import type { StreamedResponse } from '../runtime/stream-handler.ts';
import { admit, alreadyStreaming, keyOf } from './admit.ts';
import { csvDocument, resumed } from './document.ts';
import { problemDocument, refusalOf } from './refusal.ts';
import { readRequest } from './request.ts';

export interface ExportParts {
  /** Opens a session of the function's own lane. @throws TransientFailure */
  connect(signal: AbortSignal): Promise<OpenConnection>;
  /** Origins that may read the response. */
  origins: readonly string[];
  log: Log;
  /** Milliseconds for which a reader may take nothing. */
  stalledMs?: number;
  paging?: Paging;
}

/** Response headers that scripts may read. */
const exposed = ['Content-Disposition', 'Retry-After', 'WWW-Authenticate', 'x-amzn-RequestId'];
/** Reserved for the end of the invocation, in milliseconds. */
const forEnd = 5_000;

/**
 * `GET /v1/exports/images.csv`: the images of the key's tenant as CSV, at the pace of the reader. Everything that can be
 * refused is refused before the first byte. What fails later cuts the response off, before its trailer line.
 */
export function createStream({ connect, origins, log, stalledMs = 60_000, paging }: ExportParts) {
  return async (
    event: APIGatewayProxyEvent,
    response: StreamedResponse,
    remaining: RemainingTime,
  ): Promise<void> => {
    const request = readRequest(event);
    const common = {
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...originHeaders(request.header('origin') ?? '', origins, exposed),
    };
    const stalled = new AbortController();
    const stall = setTimeout(() => stalled.abort(new Error('the reader took nothing')), stalledMs);
    const deadline = AbortSignal.timeout(Math.max(1, remaining() - forEnd));
    const end = AbortSignal.any([response.gone, deadline, stalled.signal]);
    let connection: OpenConnection | undefined;
    let lane: Lane | undefined;
    let rows = 0;
    let failure: unknown;

    async function begin() {
      const key = keyOf(request);
      const session = await connect(end);
      connection = session;
      // Only a closed socket ends a statement whose server waits to send.
      end.addEventListener('abort', () => session.destroy(), { once: true });
      const { tenant, selection, consistent } = await admit(session, request, key);
      log.remember({ tenant });
      // Known before it is taken, because the server may have done that without an answer.
      const own: Lane = { tenant, holder: randomUUID() };
      lane = own;
      if (!(await takeLane(session, own, remaining() / 1_000))) {
        lane = undefined;
        throw alreadyStreaming();
      }
      if (consistent) await beginSnapshot(session);
      const onPage = (page: { rows: number }): boolean => {
        rows += page.rows;
        return true;
      };
      const records = exportRecords(session, { tenant, selection }, { onPage, paging });
      // With the first rows: until then an error is a problem document.
      const first = await records.next();
      const ended = async () => {
        if (consistent) await endSnapshot(session);
        await leaveLane(session, own);
        lane = undefined;
        await session.close();
      };
      return { selection, records: ending(noticed(resumed(first, records)), ended) };
    }

    /** The database's part ends before the trailer: a reader that has it may begin the next export. */
    async function* ending(
      records: AsyncIterable<Buffer>,
      ended: () => Promise<void>,
    ): AsyncGenerator<Buffer, void> {
      yield* records;
      // All rows are read; the lane is then left below.
      await ended().catch((error: unknown) => log.warn('The session of an export ended early', { error }));
    }

    /** Tells a failure of the database from the end of its connection because the reader has gone. */
    async function* noticed(records: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
      try {
        yield* records;
      } catch (error) {
        if (!end.aborted) failure = error;
        throw error;
      }
    }

    try {
      const begun = await begin().catch((error: unknown) => {
        if (response.gone.aborted) throw error;
        const refusal = refusalOf(error);
        const { body, ...metadata } = problemDocument(refusal, request.requestId);
        const line = { code: refusal.code, status: metadata.statusCode };
        if (problems[refusal.code].status >= 500) log.error('An export failed', { ...line, error: refusal });
        else log.info('An export was refused', line);
        response.begin({ ...metadata, headers: { ...common, ...metadata.headers } }).end(body);
      });
      if (begun === undefined) return;
      const { selection, records } = begun;
      const encoding = acceptedEncoding(request.header('accept-encoding'));
      const body = response.begin({ statusCode: 200, headers: withCommon(csvHeaders(encoding), common) });
      const document = csvDocument(selection, records, { rows: () => rows, taken: () => stall.refresh() });
      if (encoding === undefined) await pipeline(document, body, { signal: end });
      else await pipeline(document, compressor(encoding), body, { signal: end });
      log.info('An export was streamed', { rows, milliseconds: Math.round(900_000 - remaining()) });
    } catch (error) {
      // Each of these closes the response too.
      const own = failure ?? stalled.signal.reason ?? deadline.reason;
      if (own !== undefined || !response.gone.aborted) throw own ?? error;
      log.info('The reader of an export has gone', { rows });
    } finally {
      clearTimeout(stall);
      await connection?.close();
      if (lane !== undefined) await leave(lane);
    }
  };

  /** After a stream that was cut off: on a new session, because its own was destroyed or is in a transaction. */
  async function leave(lane: Lane): Promise<void> {
    let session: OpenConnection | undefined;
    try {
      session = await connect(AbortSignal.timeout(forEnd - 1_000));
      await leaveLane(session, lane);
    } catch (error) {
      log.warn('The end of an export was not recorded; until its latest end there is no other', { error });
    } finally {
      await session?.close();
    }
  }
}

/** Headers of the CSV, whose file is named after the day. */
function csvHeaders(encoding: Encoding | undefined): Record<string, string> {
  const day = new Date().toISOString().slice(0, 10);
  return {
    'Content-Type': csvType,
    'Content-Disposition': `attachment; filename="images-${day}.csv"`,
    Vary: 'Accept-Encoding',
    ...(encoding === undefined ? {} : { 'Content-Encoding': encoding }),
  };
}

/** Both have a Vary. */
function withCommon(headers: Record<string, string>, common: Record<string, string>): Record<string, string> {
  const vary = [headers.Vary, common.Vary].filter((one) => one !== undefined).join(', ');
  return { ...headers, ...common, Vary: vary };
}
