import { existsSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { contentTypeOf } from '../../../../lambda/domain/image.ts';
import type { DecodedVariant } from '../../../../lambda/imaging/decoded.ts';
import { openFrames, writeFrame } from '../../../../lambda/imaging/decoder/frame-pipe.ts';
import {
  type DecoderMessage,
  orderOf,
  pipeOfDecoder,
  sendMessage,
} from '../../../../lambda/imaging/decoder/protocol.ts';

/*
 * A decoder for the lane's tests that does what the bytes of an image tell it: hang, die, die in one child only, grow,
 * break the pipe, lie, or tell what it finds. Anything else is answered like a healthy image.
 */
const root = process.argv[2] ?? '';
const tell = (message: DecoderMessage, sent: () => void = () => undefined) =>
  sendMessage(pipe, message, sent);
/** Whether the file `victim` names this very process: a decoder can write none, by which another would know. */
const isVictim = () => readFileSync(join(root, 'victim'), 'utf8') === String(process.pid);

function decoded(...variants: DecodedVariant[]): DecoderMessage {
  const original = { contentType: 'image/png', bytes: 1, width: 1, height: 1, frames: 1 };
  return { type: 'decoded', decoded: { original, placeholder: { color: '#ffffff' }, variants } };
}

function variant(bytes: Buffer): DecodedVariant {
  const size = { width: 1, height: 1, frames: 1 };
  return {
    ...{ preset: 'large', format: 'png', contentType: contentTypeOf.png },
    ...{ ...size, bytes, sha256: '0'.repeat(64) },
  };
}

/** What JavaScript may do here: the code of the error, or `allowed`. */
async function attempts(): Promise<Record<string, string>> {
  const tried = async (act: () => unknown) => {
    try {
      await act();
      return 'allowed';
    } catch (error) {
      return String((error as NodeJS.ErrnoException).code);
    }
  };
  const { execFileSync } = await import('node:child_process');
  const { writeFileSync } = await import('node:fs');
  const { Worker } = await import('node:worker_threads');
  return {
    readOwn: await tried(() => readFileSync(join(root, 'settings.json'))),
    readOther: await tried(() => readFileSync('/etc/hosts')),
    write: await tried(() => writeFileSync(join(root, 'written'), '')),
    spawn: await tried(() => execFileSync(process.execPath, ['--version'])),
    thread: await tried(() => new Worker('', { eval: true })),
  };
}

/** A variant as the pipe has it: `bytes` is their number. */
function sized(bytes: number) {
  return { ...variant(Buffer.alloc(0)), bytes };
}

/** An answer with one variant, whose bytes are nine. */
function answer(lying: object): void {
  const { type, decoded: rest } = decoded() as Extract<DecoderMessage, { type: 'decoded' }>;
  const header = { type, decoded: { ...rest, variants: [lying] } };
  writeFrame(pipe, header, [Buffer.alloc(9)], () => undefined);
}

const behaviours: Record<string, () => void> = {
  // A codec that never returns: no message and no timer of the child is handled any more.
  hang: () => {
    for (;;);
  },
  die: () => process.kill(process.pid, 'SIGSEGV'),
  exit: () => process.exit(3),
  once: () => (isVictim() ? process.kill(process.pid, 'SIGKILL') : tell(decoded())),
  again: () => (isVictim() ? process.kill(process.pid, 'SIGKILL') : behaviours.hang?.()),
  grow: () => {
    const held: Buffer[] = [];
    setInterval(() => held.push(Buffer.alloc(16 * 1024 * 1024, 1)), 5);
  },
  environment: () => tell({ type: 'failed', reason: JSON.stringify(process.env) }),
  attempts: () => void attempts().then((found) => tell({ type: 'failed', reason: JSON.stringify(found) })),
  garbage: () => pipe.write('no frame, and not the beginning of one'),
  half: () => pipe.write(Buffer.from('536c636509000000ff000000', 'hex'), () => process.exit()),
  'half and wait': () => void pipe.write(Buffer.from('536c636509000000', 'hex')),
  close: () => {
    pipe.destroy();
    setInterval(() => undefined, 1000);
  },
  'last words': () => tell(decoded(variant(Buffer.alloc(5_000_000, 7))), () => process.exit()),
  'another format': () => answer({ ...sized(9), format: 'html' }),
  'too few bytes': () => answer(sized(10)),
};

if (existsSync(join(root, 'broken'))) process.exit(1);
/** Goes as soon as an order begins to come. */
function openDeaf(): Socket {
  return new Socket({ fd: pipeOfDecoder }).once('data', () => process.exit());
}

function open(): Socket {
  return openFrames(
    pipeOfDecoder,
    (frame) => {
      const behave = behaviours[Buffer.from(orderOf(frame).bytes).toString('utf8', 0, 20)];
      if (behave === undefined) tell(decoded());
      else behave();
    },
    (why) => {
      if (why === 'closed') process.exit();
    },
  );
}

const pipe = existsSync(join(root, 'deaf')) ? openDeaf() : open();
tell({ type: 'ready' });
