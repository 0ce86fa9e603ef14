import { filterOf, instructionBytes } from './filter.ts';
import { type Processor, rulesOf, seccompCall } from './system-calls.ts';

/** From linux/prctl.h, linux/seccomp.h and signal.h. */
const setParentDeathSignal = 1;
const setNoNewPrivileges = 38;
const filterMode = 1;
const allThreads = 1;
const sigkill = 9;

/** The kernel refused the filter; no upload is read then. */
export class NotConfined extends Error {
  override readonly name = 'NotConfined';
}

/**
 * Permanently removes from this process and all its threads every system call except those of `system-calls.ts`: it opens
 * no file or socket, starts no process and reaches no other one. Everything that it will read must be open before. It also
 * ends with its parent, even during an image.
 *
 * Seccomp is in every Linux since 3.17 and needs no privilege. Landlock, which distinguishes folders, is newer than many
 * kernels in use, and adds nothing where no file may be opened. macOS has neither: there this does nothing.
 * `SLUICE_DECODER_CONFINEMENT=none` turns it off on a kernel that refuses.
 * @throws NotConfined where the kernel refuses
 */
export async function confine({ platform, arch, env } = process): Promise<void> {
  if (platform !== 'linux') return;
  // Loaded here, as a machine without seccomp does not need it: 10 ms.
  const { default: koffi } = await import('koffi');
  const libc = koffi.load(null);
  const prctl = libc.func('int prctl(int, ulong, ulong, ulong, ulong)');
  prctl(setParentDeathSignal, sigkill, 0, 0, 0);
  if (env.SLUICE_DECODER_CONFINEMENT === 'none') return;

  if (!isKnown(arch)) throw new NotConfined(`There is no confinement for ${arch}.`);
  const syscall = libc.func('long syscall(long, ulong, ulong, void *)');
  const refused = (what: string) =>
    new NotConfined(`The kernel refuses ${what} (errno ${koffi.errno()}), so no image is decoded.`);
  if (prctl(setNoNewPrivileges, 1, 0, 0, 0) !== 0) throw refused('PR_SET_NO_NEW_PRIVS');
  const filter = filterOf(arch, rulesOf(arch, process.pid));
  const program = Buffer.alloc(16);
  program.writeUInt16LE(filter.length / instructionBytes, 0);
  program.writeBigUInt64LE(BigInt(koffi.address(filter)), 8);
  if (syscall(seccompCall[arch], filterMode, allThreads, program) !== 0) throw refused('a seccomp filter');
}

function isKnown(arch: string): arch is Processor {
  return arch === 'x64' || arch === 'arm64';
}
