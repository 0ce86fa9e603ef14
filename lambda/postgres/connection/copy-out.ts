import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type pg from 'pg';
import { CopyFrames } from './copy-frames.ts';
import { databaseFailure, endsSession, sqlState, statementCancelled } from './failures.ts';

/** Milliseconds without an end: node-postgres would report a query that reads for long as failed. */
const never = 2 ** 31 - 1;
/** Bytes that wait for the reader before the socket is paused. A buffer of the socket has at most 64 KiB. */
const highWaterMark = 65_536;

/** What the driver calls on a query of one's own. */
interface Submittable {
  submit(connection: pg.Connection): void;
  handleError(error: Error): void;
  handleCommandComplete(): void;
  handleReadyForQuery(): void;
}

/**
 * The records of a COPY … TO STDOUT (format csv), at the pace of the reader: a full buffer pauses the socket, TCP's window
 * closes, and the server waits (ClientWrite). Ends when the session is ready for the next statement. Destroying it before
 * destroys the socket, which ends the statement at once: the server cannot be asked to stop while it waits to send.
 *
 * With keys, a statement that the server ends by its timeout ends the records behind a whole row, without an error: the
 * reader may take its time, and the next statement goes on behind `lastKey`. So it does after pg_cancel_backend, which has the
 * same code; pg_terminate_backend ends an export.
 *
 * Not `pg-copy-streams`, which gives bytes without the ends of rows (see CopyFrames) and allocates for each row.
 */
export class CopyOut extends Readable implements Submittable {
  /** Read by the driver. */
  readonly query_timeout: number = never;
  /** Set by the driver, to stop its timer. */
  callback: (() => void) | undefined;
  readonly #text: string;
  readonly #frames: CopyFrames;
  readonly #lost: () => void;
  #socket: Socket | undefined;
  #driver: ((chunk: Buffer) => void) | undefined;
  #ready = false;
  #bytes = 0;
  #cutShort = false;

  /**
   * @param lost called when the session cannot be used any more
   * @param keyWidth of the first column, which is the key of its row and in no record; 0: there is none
   */
  constructor(text: string, { lost, keyWidth = 0 }: { lost: () => void; keyWidth?: number | undefined }) {
    super({ highWaterMark });
    this.#text = text;
    this.#lost = lost;
    this.#frames = new CopyFrames(keyWidth);
  }

  /** Rows read so far. */
  get rows(): number {
    return this.#frames.rows;
  }

  /** Bytes of their records. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The key of the last row. */
  get lastKey(): string | undefined {
    return this.#frames.lastKey;
  }

  /** True if the server ended the statement by its timeout, behind `lastKey`. */
  get cutShort(): boolean {
    return this.#cutShort;
  }

  submit(connection: pg.Connection): void {
    const socket = connection.stream as Socket;
    const [driver] = socket.listeners('data') as ((chunk: Buffer) => void)[];
    if (driver === undefined) throw new TypeError('the driver does not read its socket');
    this.#socket = socket;
    this.#driver = driver;
    socket.on('data', this.#take);
    socket.off('data', driver);
    connection.query(this.#text);
  }

  readonly #take = (chunk: Buffer): void => {
    const { records, rest } = this.#frames.read(chunk);
    this.#bytes += records.length;
    if (records.length > 0 && !this.push(records)) this.#socket?.pause();
    if (rest === undefined) return;
    this.#giveBack();
    this.#driver?.(rest);
  };

  /** The driver reads the rest: the end of the statement, or its error. */
  #giveBack(): void {
    if (this.#driver === undefined || this.#socket === undefined) return;
    this.#socket.on('data', this.#driver);
    this.#socket.off('data', this.#take);
    this.#socket.resume();
  }

  override _read(): void {
    this.#socket?.resume();
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#ready = true;
    this.callback?.();
    this.push(null);
  }

  handleError(error: Error): void {
    if (endsSession(error)) this.#lost();
    else this.#ready = true;
    // The server sends whole messages: nothing of the next row has come.
    if (this.#ready && sqlState(error) === statementCancelled && this.lastKey !== undefined) {
      this.#cutShort = true;
      this.callback?.();
      this.push(null);
      return;
    }
    this.destroy(databaseFailure(error) as Error);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.callback?.();
    if (!this.#ready) {
      this.#lost();
      this.#socket?.destroy();
    }
    done(error);
  }
}
