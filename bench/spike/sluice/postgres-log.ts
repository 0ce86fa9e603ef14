import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** What Postgres writes when it refuses a connection with 53300: all slots are taken, or those of the role. */
const refusal =
  /FATAL: {2}(?:sorry, too many clients already|too many connections for |remaining connection slots are reserved)/g;

/** Follows a server's log, which a restarted server may begin anew. @throws Error if there is none: nothing would be counted */
export function followPostgresLog(path: string): { refused(): number; close(): void } {
  let descriptor: number | undefined = openSync(path, 'r');
  let inode = fstatSync(descriptor).ino;
  let position = 0;
  let rest = '';
  let count = 0;
  const buffer = Buffer.alloc(256 * 1024);

  const read = () => {
    if (descriptor === undefined) return;
    for (;;) {
      const bytes = readSync(descriptor, buffer, 0, buffer.length, position);
      if (bytes === 0) return;
      position += bytes;
      const lines = (rest + buffer.toString('utf8', 0, bytes)).split('\n');
      rest = lines.pop() ?? '';
      count += lines.join('\n').match(refusal)?.length ?? 0;
    }
  };
  return {
    /** Connections refused since the start. */
    refused() {
      read();
      const now = statSync(path, { throwIfNoEntry: false });
      // A new file may get the number of the one that was removed.
      if (now !== undefined && (now.ino !== inode || now.size < position)) {
        // The old file was read to its end above, although its name is gone.
        if (descriptor !== undefined) closeSync(descriptor);
        descriptor = openSync(path, 'r');
        inode = fstatSync(descriptor).ino;
        position = 0;
        rest = '';
        read();
      }
      return count;
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}
