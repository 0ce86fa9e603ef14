import { auditArchitecture, type Processor, type Rule } from './system-calls.ts';

/** Classic BPF (linux/bpf_common.h): load a word, jump where it is equal, return. */
const load = 0x20;
const jumpEqual = 0x15;
const end = 0x06;

/** Offsets in `struct seccomp_data`; of the first argument its lower half (both processors are little endian). */
const offset = { number: 0, architecture: 4, firstArgument: 16 } as const;

/** The kernel's action for a call (linux/seccomp.h). */
const allow = 0x7fff_0000;
const killProcess = 0x8000_0000;
const failWith = (errno: number) => 0x0005_0000 | errno;
const eperm = 1;

interface Instruction {
  code: number;
  /** Instructions skipped where the comparison holds, and where it does not. */
  yes?: number;
  no?: number;
  operand: number;
}

/** Bytes of one `struct sock_filter`. */
export const instructionBytes = 8;

/**
 * The rules as a program for the kernel: other calls fail with EPERM, and a call of another architecture kills the process.
 * @returns instructions of 8 bytes each, as seccomp(2) takes them
 */
export function filterOf(processor: Processor, rules: readonly Rule[]): Buffer {
  const program: Instruction[] = [
    { code: load, operand: offset.architecture },
    { code: jumpEqual, yes: 1, operand: auditArchitecture[processor] },
    { code: end, operand: killProcess },
    { code: load, operand: offset.number },
    ...rules.flatMap(instructionsOf),
    { code: end, operand: failWith(eperm) },
  ];
  const bytes = Buffer.alloc(program.length * instructionBytes);
  for (const [index, { code, yes = 0, no = 0, operand }] of program.entries()) {
    const at = index * instructionBytes;
    bytes.writeUInt16LE(code, at);
    bytes.writeUInt8(yes, at + 2);
    bytes.writeUInt8(no, at + 3);
    bytes.writeUInt32LE(operand, at + 4);
  }
  return bytes;
}

/** One comparison of the number, then of the first argument with each value; a matching rule ends the program. */
function instructionsOf({ number, errno, values = [] }: Rule): Instruction[] {
  const found: Instruction = { code: end, operand: errno === undefined ? allow : failWith(errno) };
  const body: Instruction[] =
    values.length === 0
      ? [found]
      : [
          { code: load, operand: offset.firstArgument },
          ...values.flatMap((value): Instruction[] => [{ code: jumpEqual, no: 1, operand: value }, found]),
          { code: end, operand: failWith(eperm) },
        ];
  return [{ code: jumpEqual, no: body.length, operand: number }, ...body];
}
