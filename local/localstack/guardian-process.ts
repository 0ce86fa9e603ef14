import { rmSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { endOrphanedServer } from '../postgres/orphaned-server.ts';
import type { Cleanup } from './guardian.ts';
import { runProgram } from './program.ts';

/* The process of guardian.ts: its argument is the clean-up, its standard input closes when its owner ends. */
if ((await text(process.stdin)) !== 'released') {
  const { commands, postgres, folders } = JSON.parse(process.argv[2] ?? '') as Cleanup;
  for (const [program = '', ...args] of commands) await runProgram(program, args).catch(() => undefined);
  for (const data of postgres) await endOrphanedServer(data).catch(() => undefined);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
