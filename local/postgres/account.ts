import { chownSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PostgresProblem } from './errors.ts';

export interface Account {
  uid: number;
  gid: number;
}

/** `nobody` on Linux. */
const nobody = 65_534;

/**
 * The account for the server: undefined (the current one) for an ordinary user. Postgres refuses to run as root, so root
 * uses the owner of existing data, else `nobody`.
 */
export function serverAccount(data: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(data, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return { uid: mappedId('/proc/self/uid_map'), gid: mappedId('/proc/self/gid_map') };
}

/** A rootless container maps few ids: `nobody` if it is one of them, else the highest that is not root. */
function mappedId(map: string): number {
  let text: string;
  try {
    text = readFileSync(map, 'utf8');
  } catch {
    return nobody;
  }
  let highest = 0;
  for (const line of text.trim().split('\n')) {
    const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
    if (nobody >= first && nobody < first + count) return nobody;
    highest = Math.max(highest, first + count - 1);
  }
  if (highest > 0) return highest;
  throw new PostgresProblem(
    'Postgres refuses to run as root, and this container has no other user id. Run as an ordinary user.',
  );
}

/** Changes the owner of a folder and its contents. */
export function giveTo(account: Account | undefined, folder: string): void {
  if (account === undefined) return;
  chownSync(folder, account.uid, account.gid);
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isSymbolicLink()) chownSync(join(entry.parentPath, entry.name), account.uid, account.gid);
  }
}
