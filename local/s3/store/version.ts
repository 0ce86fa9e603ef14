import { randomUUID } from 'node:crypto';
import type { Checksum } from '../checksums.ts';
import type { Row } from './sqlite.ts';

/** Metadata of an object. Header names are in lower case. */
export interface ObjectProperties {
  headers: Record<string, string>;
  checksum?: Checksum;
}

/** One version of an object, or a delete marker. */
export interface Version {
  /** Larger for the later one, over all keys and restarts. */
  sequence: number;
  key: string;
  /** 32 characters, or `null` for a version written without versioning. */
  id: string;
  latest: boolean;
  marker: boolean;
  /** Milliseconds since the epoch. */
  modified: number;
  bytes: number;
  /** Without quotes; empty for a delete marker. */
  eTag: string;
  /** Name of its body; empty for a delete marker. */
  body: string;
  properties: ObjectProperties;
}

export function versionOfRow(row: Row): Version {
  return {
    sequence: Number(row.sequence),
    key: Buffer.from(row.key as Uint8Array).toString(),
    id: String(row.id),
    latest: row.latest === 1,
    marker: row.marker === 1,
    modified: Number(row.modified),
    bytes: Number(row.bytes),
    eTag: String(row.etag),
    body: String(row.body),
    properties: JSON.parse(String(row.properties)) as ObjectProperties,
  };
}

export const nullVersion = 'null';

/**
 * A new id. It contains its sequence, so that a page of ListObjectVersions can continue after a version that has been
 * deleted since; clients treat it as opaque.
 */
export function newVersionId(sequence: number): string {
  const bytes = Buffer.allocUnsafe(24);
  bytes.writeBigUInt64BE(BigInt(sequence));
  // Node.js keeps random bytes for these in stock.
  bytes.write(randomUUID().replaceAll('-', ''), 8, 'hex');
  return bytes.toString('base64url');
}

export function isVersionId(id: string): boolean {
  return id === nullVersion || /^[\w-]{32}$/.test(id);
}

/** The sequence in an id; undefined for the null version. */
export function sequenceOf(id: string): number | undefined {
  if (id === nullVersion) return undefined;
  return Number(Buffer.from(id, 'base64url').readBigUInt64BE());
}
