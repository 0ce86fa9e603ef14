import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files that are made or installed once; deleting them costs only a minute. */
export const cacheFolder = join(import.meta.dirname, '../../.build/bench');

/** A short hash of contents, so that results of other contents are never reused. */
export function fingerprint(...contents: (string | Uint8Array)[]): string {
  const digest = createHash('sha256');
  for (const content of contents) digest.update(content).update('\0');
  return digest.digest('hex').slice(0, 12);
}

/** The cached file of this name, made on first use. Renamed into place, so that half a file is never found. */
export async function cached(name: string, make: () => Promise<Uint8Array>): Promise<string> {
  const path = join(cacheFolder, name);
  if (existsSync(path)) return path;
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(`${path}.part`, await make());
  renameSync(`${path}.part`, path);
  return path;
}

/** The text of a source file in this folder, for a fingerprint. */
export function source(path: string): string {
  return readFileSync(join(import.meta.dirname, path), 'utf8');
}

/** The package of programs in other languages and of other libraries that the benchmark compares with. */
export const peersFolder = join(import.meta.dirname, '../peers');
