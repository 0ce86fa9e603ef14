import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DecodeOrder, DecoderMessage } from '../../../lambda/imaging/protocol.ts';

/*
 * A decoder for the lane's tests that does what the bytes of an image tell it: hang, die, die once, hang when tried
 * again, grow, or tell its environment. Anything else is answered like a healthy image.
 */
const root = process.argv[2] ?? '';
const tell = (message: DecoderMessage) => void process.send?.(message);
const marker = join(root, 'died');

function decoded(): DecoderMessage {
  const original = { contentType: 'image/png', bytes: 1, width: 1, height: 1 };
  return { type: 'decoded', decoded: { original, variants: [] } };
}

const behaviours: Record<string, () => void> = {
  // A codec that never returns: no message and no timer of the child is handled any more.
  hang: () => {
    for (;;);
  },
  die: () => process.kill(process.pid, 'SIGSEGV'),
  exit: () => process.exit(3),
  once: () => {
    if (existsSync(marker)) return tell(decoded());
    writeFileSync(marker, '');
    process.kill(process.pid, 'SIGKILL');
  },
  again: () => (existsSync(marker) ? behaviours.hang?.() : behaviours.once?.()),
  grow: () => {
    const held: Buffer[] = [];
    setInterval(() => held.push(Buffer.alloc(16 * 1024 * 1024, 1)), 5);
  },
  environment: () => tell({ type: 'failed', reason: JSON.stringify(process.env) }),
};

process.on('message', ({ bytes }: DecodeOrder) => {
  const behave = behaviours[Buffer.from(bytes).toString()];
  if (behave === undefined) tell(decoded());
  else behave();
});
process.on('disconnect', () => process.exit());
if (existsSync(join(root, 'broken'))) process.exit(1);
tell({ type: 'ready' });
