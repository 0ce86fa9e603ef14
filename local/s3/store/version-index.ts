import type { Sqlite } from './sqlite.ts';
import { newVersionId, nullVersion, type ObjectProperties, type Version, versionOfRow } from './version.ts';

export type Versioning = 'Enabled' | 'Suspended';

/** A new version whose body has been stored. */
export interface NewVersion {
  key: string;
  bytes: number;
  /** Without quotes. */
  eTag: string;
  body: string;
  properties: ObjectProperties;
}

/** A change, and the body that no version refers to any more. */
export interface Change {
  version: Version;
  freed: string | undefined;
}

const columns = 'sequence, key, id, latest, marker, modified, bytes, etag, body, properties';

/** The versions of all objects; every change is one transaction. */
export class VersionIndex {
  readonly #database: Sqlite;
  readonly #now: () => number;
  #lastSequence: number;
  /** The versioning of all buckets, which only this process changes. */
  readonly #buckets = new Map<string, Versioning | undefined>();

  constructor(database: Sqlite, now: () => number) {
    this.#database = database;
    this.#now = now;
    this.#lastSequence = Number(database.get('select max(sequence) as last from version')?.last ?? 0);
    this.#readBuckets();
  }

  #readBuckets(): void {
    for (const { name, versioning } of this.#database.all('select name, versioning from bucket'))
      this.#buckets.set(String(name), (versioning ?? undefined) as Versioning | undefined);
  }

  /** Creates a bucket if it is missing, versioned from its first object. */
  createBucket(name: string): void {
    this.#database.run("insert or ignore into bucket values (?, ?, 'Enabled')", name, this.#now());
    this.#readBuckets();
  }

  buckets(): { name: string; created: number }[] {
    const rows = this.#database.all('select name, created from bucket order by name');
    return rows.map(({ name, created }) => ({ name: String(name), created: Number(created) }));
  }

  hasBucket(name: string): boolean {
    return this.#buckets.has(name);
  }

  /** Undefined if it was never enabled. */
  versioning(bucket: string): Versioning | undefined {
    return this.#buckets.get(bucket);
  }

  setVersioning(bucket: string, versioning: Versioning): void {
    this.#database.run('update bucket set versioning = ? where name = ?', versioning, bucket);
    this.#buckets.set(bucket, versioning);
  }

  /** The newest version of a key, which may be a delete marker. */
  newest(bucket: string, key: string): Version | undefined {
    return this.#version('bucket = ? and key = ? and latest = 1', bucket, Buffer.from(key));
  }

  byId(bucket: string, key: string, id: string): Version | undefined {
    return this.#version('bucket = ? and key = ? and id = ?', bucket, Buffer.from(key), id);
  }

  /** The first object at or after `from` in byte order that a plain listing shows. */
  nextLive(bucket: string, from: Uint8Array): Version | undefined {
    return this.#version('bucket = ? and key >= ? and latest = 1 and marker = 0 order by key', bucket, from);
  }

  /** The first version at or after a key: the newest of the first key. */
  nextVersion(bucket: string, from: Uint8Array): Version | undefined {
    return this.#version('bucket = ? and key >= ? order by key, sequence desc', bucket, from);
  }

  /** The next older version of this key. */
  older(bucket: string, key: string, sequence: number): Version | undefined {
    return this.#version(
      'bucket = ? and key = ? and sequence < ? order by sequence desc',
      bucket,
      Buffer.from(key),
      sequence,
    );
  }

  /**
   * Adds a version as the newest of its key. Without versioning it replaces the null version.
   * @param check receives the newest version so far, and may throw
   */
  put(bucket: string, version: NewVersion, check: (newest: Version | undefined) => void): Change {
    return this.#database.transaction(() => {
      check(this.newest(bucket, version.key));
      return this.#add(bucket, version, false);
    });
  }

  /** DELETE without a version: adds a delete marker, or removes the object if the bucket was never versioned. */
  remove(bucket: string, key: string): Change | undefined {
    if (this.versioning(bucket) === undefined) return this.removeVersion(bucket, key, nullVersion);
    return this.#database.transaction(() =>
      this.#add(bucket, { key, bytes: 0, eTag: '', body: '', properties: { headers: {} } }, true),
    );
  }

  /** Removes one version permanently; the one before it becomes the newest. @returns undefined if it is missing */
  removeVersion(bucket: string, key: string, id: string): Change | undefined {
    return this.#database.transaction(() => {
      const version = this.byId(bucket, key, id);
      if (version === undefined) return undefined;
      this.#database.run('delete from version where sequence = ?', version.sequence);
      const below = version.latest ? this.older(bucket, key, version.sequence) : undefined;
      if (below !== undefined)
        this.#database.run('update version set latest = 1 where sequence = ?', below.sequence);
      return { version, freed: version.body || undefined };
    });
  }

  /** Imports an object of the previous store as the null version, unless there is one. */
  importObject(bucket: string, version: NewVersion, modified: number): void {
    this.#database.transaction(() => {
      if (this.byId(bucket, version.key, nullVersion) !== undefined) return;
      this.#insert(bucket, version, {
        id: nullVersion,
        sequence: this.#nextSequence(),
        marker: false,
        modified,
      });
    });
  }

  /** The names of all bodies that a version refers to. */
  bodies(): string[] {
    const rows = this.#database.all("select body from version where body <> ''");
    return rows.map(({ body }) => String(body));
  }

  #add(bucket: string, version: NewVersion, marker: boolean): Change {
    const versioned = this.versioning(bucket) === 'Enabled';
    const sequence = this.#nextSequence();
    const id = versioned ? newVersionId(sequence) : nullVersion;
    const replaced = versioned ? undefined : this.byId(bucket, version.key, nullVersion);
    if (replaced !== undefined)
      this.#database.run('delete from version where sequence = ?', replaced.sequence);
    const modified = this.#now();
    this.#insert(bucket, version, { id, sequence, marker, modified });
    return {
      version: { ...version, id, sequence, marker, modified, latest: true },
      freed: replaced?.body || undefined,
    };
  }

  #insert(
    bucket: string,
    { key, bytes, eTag, body, properties }: NewVersion,
    { id, sequence, marker, modified }: Pick<Version, 'id' | 'sequence' | 'marker' | 'modified'>,
  ): void {
    const name = Buffer.from(key);
    this.#database.run(
      'update version set latest = 0 where bucket = ? and key = ? and latest = 1',
      bucket,
      name,
    );
    this.#database.run(
      `insert into version (bucket, ${columns}) values (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?)`,
      ...[
        bucket,
        sequence,
        name,
        id,
        Number(marker),
        modified,
        bytes,
        eTag,
        body,
        JSON.stringify(properties),
      ],
    );
  }

  /** Microseconds of the clock, strictly increasing. */
  #nextSequence(): number {
    this.#lastSequence = Math.max(this.#now() * 1000, this.#lastSequence + 1);
    return this.#lastSequence;
  }

  #version(where: string, ...values: (string | number | Uint8Array)[]): Version | undefined {
    const row = this.#database.get(`select ${columns} from version where ${where} limit 1`, ...values);
    return row === undefined ? undefined : versionOfRow(row);
  }
}
