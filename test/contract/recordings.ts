import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Messages as a version of Sluice sent or got them: `<kind>.<what>.v<version>.json`. */
export const messages = join(import.meta.dirname, 'messages');

/** What every recording was when it was made, in the form of `sha256sum`. Lines are added and never changed. */
export const sums = join(import.meta.dirname, 'SHA256SUMS');

/** The recordings of a kind, by file name. */
export function recordings(kind: string): { name: string; message: unknown }[] {
  const names = readdirSync(messages).filter((name) => name.startsWith(`${kind}.`));
  if (names.length === 0) throw new TypeError(`nothing is recorded of the kind ${kind}`);
  return names.sort().map((name) => ({
    name,
    message: JSON.parse(readFileSync(join(messages, name), 'utf8')) as unknown,
  }));
}
