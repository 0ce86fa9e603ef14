import { randomBytes } from 'node:crypto';
import type { Row, Sqlite } from './sqlite.ts';
import type { ObjectProperties } from './version.ts';

/** A multipart upload that is neither completed nor aborted. */
export interface Upload {
  id: string;
  bucket: string;
  key: string;
  properties: ObjectProperties;
}

/** A part, with the name of its body. */
export interface Part {
  number: number;
  bytes: number;
  /** Without quotes. */
  eTag: string;
  body: string;
  /** Milliseconds since the epoch. */
  modified: number;
}

export class UploadIndex {
  readonly #database: Sqlite;

  constructor(database: Sqlite) {
    this.#database = database;
  }

  create(bucket: string, key: string, properties: ObjectProperties, initiated: number): string {
    const id = randomBytes(24).toString('base64url');
    this.#database.run(
      'insert into upload values (?, ?, ?, ?, ?)',
      ...[id, bucket, Buffer.from(key), initiated, JSON.stringify(properties)],
    );
    return id;
  }

  find(bucket: string, key: string, id: string): Upload | undefined {
    const row = this.#database.get(
      'select properties from upload where id = ? and bucket = ? and key = ?',
      ...[id, bucket, Buffer.from(key)],
    );
    if (row === undefined) return undefined;
    return { id, bucket, key, properties: JSON.parse(String(row.properties)) as ObjectProperties };
  }

  /** Adds a part or replaces it. @returns the body that was replaced */
  putPart(id: string, { number, bytes, eTag, body, modified }: Part): string | undefined {
    return this.#database.transaction(() => {
      const before = this.#database.get('select body from part where upload = ? and number = ?', id, number);
      this.#database.run(
        'insert or replace into part values (?, ?, ?, ?, ?, ?)',
        ...[id, number, bytes, eTag, body, modified],
      );
      return before === undefined ? undefined : String(before.body);
    });
  }

  parts(id: string): Part[] {
    return this.#database.all('select * from part where upload = ? order by number', id).map(partOfRow);
  }

  /** Removes an upload and its parts; the caller removes their bodies. */
  remove(id: string): void {
    this.#database.run('delete from upload where id = ?', id);
  }

  bodies(): string[] {
    return this.#database.all('select body from part').map(({ body }) => String(body));
  }
}

function partOfRow({ number, bytes, etag, body, modified }: Row): Part {
  return {
    number: Number(number),
    bytes: Number(bytes),
    eTag: String(etag),
    body: String(body),
    modified: Number(modified),
  };
}
