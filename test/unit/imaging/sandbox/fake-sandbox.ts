import { closeSync, existsSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';
import type { VariantFormat } from '../../../../lambda/domain/image.ts';
import type { Settings } from '../../../../lambda/domain/settings.ts';
import type { EncodedImage, EncodedVariant } from '../../../../lambda/imaging/rendered-image.ts';
import { variantOf } from '../../../../lambda/imaging/rendered-image.ts';
import { expectationOf } from '../../../../lambda/imaging/sandbox/expectation.ts';
import { partsOf } from '../../../../lambda/imaging/sandbox/frame.ts';
import { readFrame, writeFrame } from '../../../../lambda/imaging/sandbox/frame-file.ts';
import {
  type NumberedRequest,
  type RenderOutcome,
  requestOf,
  type SandboxMessage,
  sandboxPipe,
  sendMessage,
} from '../../../../lambda/imaging/sandbox/protocol.ts';
import { signature } from './fake-sandbox-request.ts';

/*
 * A sandbox for the lane's tests that obeys an instruction in an image: hang, die, die in one child only, grow, break
 * the pipe, fork, return a false result, or report what it finds. Anything else is treated as a healthy image.
 */
const root = process.argv[2] ?? '';
const settings = JSON.parse(readFileSync(join(root, 'settings.json'), 'utf8')) as Settings;
/** The previous request and the current one. */
let previous: NumberedRequest | undefined;
let current: NumberedRequest | undefined;

function respond(outcome: RenderOutcome, id = current?.id ?? ''): void {
  sendMessage({ id, ...outcome });
}
/** Whether the file `victim` names this process. The test writes it, because a sandbox cannot write files. */
const isVictim = () => readFileSync(join(root, 'victim'), 'utf8') === String(process.pid);

/** The expected result, with variants of `bytes` bytes. */
function healthy(bytes = 3): EncodedImage {
  const request = current as NumberedRequest;
  const { contentType = 'image/png', variants } = expectationOf(request, settings);
  return {
    original: { contentType, bytes: request.bytes.length, width: 1, height: 1, frames: 1 },
    placeholder: { color: '#ffffff' },
    variants: variants.map(({ preset, formats: [format] }) =>
      variantOf(
        { preset, format: format as VariantFormat, frames: 1 },
        { width: 1, height: 1 },
        Buffer.alloc(bytes, 7),
      ),
    ),
  };
}

function lie(about: (truth: EncodedImage) => Partial<EncodedImage>): void {
  const truth = healthy();
  respond({ type: 'rendered', image: { ...truth, ...about(truth) } });
}

function lieAboutFirst(lying: object): void {
  lie(({ variants: [first, ...rest] }) => ({
    variants: [{ ...first, ...lying } as EncodedVariant, ...rest],
  }));
}

/** Whether JavaScript may do this here: the code of the error, or `allowed`. */
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

/** Starts a process as native code would; it holds all pipes of this one for a minute. */
function fork(): void {
  const libc = koffi.load(null);
  const [setFlags, none] = [2, 0];
  // Node sets close-on-exec on both; a plain fork would inherit them.
  for (const fd of [2, sandboxPipe]) libc.func('int fcntl(int, int, int)')(fd, setFlags, none);
  libc.func('int system(const char *)')('sleep 60 &');
}

/** Waits without an event loop. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

const behaviours: Record<string, () => void | Promise<void>> = {
  // A codec that never returns blocks the child's event loop.
  hang: () => {
    for (;;);
  },
  die: () => void process.kill(process.pid, 'SIGSEGV'),
  exit: () => process.exit(3),
  once: () =>
    isVictim() ? void process.kill(process.pid, 'SIGKILL') : respond({ type: 'rendered', image: healthy() }),
  again: () => (isVictim() ? void process.kill(process.pid, 'SIGKILL') : behaviours.hang?.()),
  grow: () => {
    for (const held: Buffer[] = []; ; pause(5)) held.push(Buffer.alloc(16 * 1024 * 1024, 1));
  },
  fork: () => {
    fork();
    return behaviours.hang?.();
  },
  'fork and exit': () => {
    fork();
    process.exit(3);
  },
  environment: () => respond({ type: 'failed', reason: JSON.stringify(process.env) }),
  attempts: async () => respond({ type: 'failed', reason: JSON.stringify(await attempts()) }),
  'speak up': () => {
    writeSync(2, 'a codec’s complaint\nin two lines\n');
    process.exit(3);
  },
  flood: () => {
    const line = Buffer.alloc(64 * 1024, 'x');
    for (;;)
      try {
        writeSync(2, line);
      } catch {
        // The pipe is full at the moment.
        pause(1);
      }
  },
  garbage: () => void writeSync(sandboxPipe, 'no frame, and not the beginning of one'),
  half: () => {
    writeSync(sandboxPipe, Buffer.from('536c636509000000ff000000', 'hex'));
    process.exit();
  },
  'half and wait': () => {
    writeSync(sandboxPipe, Buffer.from('536c636509000000', 'hex'));
    for (;;) pause(1000);
  },
  close: () => {
    closeSync(sandboxPipe);
    for (;;) pause(1000);
  },
  'last words': () => {
    respond({ type: 'rendered', image: healthy(2_000_000) });
    process.exit();
  },
  'another format': () => lieAboutFirst({ format: 'html' }),
  'another preset': () => lieAboutFirst({ preset: 'small' }),
  'too few bytes': () => {
    const { variants, ...rest } = healthy();
    const sized = variants.map(({ bytes, ...variant }) => ({ ...variant, bytes: bytes.length + 1 }));
    const header = { id: current?.id, type: 'rendered', image: { ...rest, variants: sized } };
    writeFrame(sandboxPipe, header, [Buffer.alloc(9)]);
  },
  'no variants': () => lie(() => ({ variants: [] })),
  'a variant less': () => lie(({ variants }) => ({ variants: variants.slice(1) })),
  'a variant more': () => lie(({ variants }) => ({ variants: [...variants, ...variants.slice(0, 1)] })),
  'another original': () => lie(({ original }) => ({ original: { ...original, bytes: 1 } })),
  'a NUL for the row': () => respond({ type: 'rejected', code: 'corrupt_image', detail: 'a\0b', reason: '' }),
  'a width for no row': () => lieAboutFirst({ width: 2 ** 40 }),
  'the order before': () => respond({ type: 'rendered', image: healthy() }, previous?.id ?? 'none'),
  'ready again': () => sendMessage({ type: 'ready' }),
  '500 MB': () => {
    const half = Buffer.alloc(250_000_000);
    writeFrame(sandboxPipe, { id: current?.id, type: 'rendered' }, [half, half]);
  },
  // Written at once, so that the worker has read the second when it checks the first.
  'a lie before the truth': () => {
    const { variants, ...rest } = healthy();
    const sized = variants.map(({ bytes, ...variant }) => ({ ...variant, bytes: bytes.length }));
    const truth = { id: current?.id, type: 'rendered', image: { ...rest, variants: sized } };
    const lie = { id: 'another', type: 'failed', reason: '' };
    const bodies = variants.map(({ bytes }) => bytes);
    writeSync(sandboxPipe, Buffer.concat([...partsOf(lie, []), ...partsOf(truth, bodies)]));
  },
  // The first is the response to its request; the second arrives without a request.
  twice: () => {
    const message: SandboxMessage = { id: current?.id ?? '', type: 'rendered', image: healthy() };
    sendMessage(message);
    sendMessage(message);
  },
};

if (existsSync(join(root, 'broken'))) process.exit(1);
sendMessage({ type: 'ready' });
if (existsSync(join(root, 'deaf'))) {
  // Exits as soon as a request begins to arrive.
  readSync(sandboxPipe, Buffer.alloc(1));
  process.exit();
}
for (let frame = readFrame(sandboxPipe); frame !== undefined; frame = readFrame(sandboxPipe)) {
  previous = current;
  current = requestOf(frame);
  const text = Buffer.from(current.bytes).toString('utf8', signature.length, signature.length + 30);
  const behave = behaviours[text] ?? (() => respond({ type: 'rendered', image: healthy() }));
  await behave();
}
