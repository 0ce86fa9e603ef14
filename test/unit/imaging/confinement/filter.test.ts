import { describe, expect, it } from 'vitest';
import { filterOf, instructionBytes } from '../../../../lambda/imaging/confinement/filter.ts';
import {
  auditArchitecture,
  type Processor,
  rulesOf,
} from '../../../../lambda/imaging/confinement/system-calls.ts';

interface Call {
  number: number;
  architecture?: number;
  firstArgument?: number;
}
const processors: Processor[] = ['x64', 'arm64'];
const pid = 4711;

/** Runs a filter as the kernel would; it supports the three instructions that filters use. */
function runFilter(processor: Processor, { number, architecture, firstArgument = 0 }: Call): string {
  const program = filterOf(processor, rulesOf(processor, pid));
  const data = new Map([
    [0, number],
    [4, architecture ?? auditArchitecture[processor]],
    [16, firstArgument],
  ]);
  let loaded = 0;
  for (let at = 0; ; at += instructionBytes) {
    const code = program.readUInt16LE(at);
    const operand = program.readUInt32LE(at + 4);
    const jump = (holds: boolean) => instructionBytes * program.readUInt8(holds ? at + 2 : at + 3);
    if (code === 0x20) loaded = data.get(operand) as number;
    else if (code === 0x15) at += jump(loaded === operand);
    else if (code === 0x06) return resultName(operand);
    else throw new Error(`an instruction ${code}`);
  }
}

function resultName(result: number): string {
  if (result === 0x7fff_0000) return 'allowed';
  return result === 0x8000_0000 ? 'killed' : `error ${result - 0x5_0000}`;
}

describe.each(processors)('the filter for %s', (processor) => {
  const rules = rulesOf(processor, pid);

  it('the filter allows the system calls of its rules and refuses all others', () => {
    const allowed = new Map(rules.map((rule) => [rule.number, rule]));
    expect(allowed.size).toBe(rules.length);
    for (let number = 0; number < 1000; number++) {
      const rule = allowed.get(number);
      const firstArgument = rule?.values?.[0] ?? 0;
      const expected =
        rule === undefined ? 'error 1' : rule.errno === undefined ? 'allowed' : `error ${rule.errno}`;
      expect(`${number} ${runFilter(processor, { number, firstArgument })}`).toBe(`${number} ${expected}`);
    }
  });

  it('the filter compares the first argument of rules that allow only some values', () => {
    for (const { number, values = [] } of rules)
      for (const firstArgument of values) {
        expect(runFilter(processor, { number, firstArgument })).toBe('allowed');
        expect(runFilter(processor, { number, firstArgument: firstArgument + 1 })).toBe('error 1');
      }
    const numbers = Object.fromEntries(rules.map(({ name, number }) => [name, number]));
    // SIGCHLD alone is fork. Then another process, all processes, and the group.
    expect(runFilter(processor, { number: numbers.clone as number, firstArgument: 17 })).toBe('error 1');
    for (const firstArgument of [0, 1, 0xffff_ffff])
      expect(runFilter(processor, { number: numbers.kill as number, firstArgument })).toBe('error 1');
  });

  it('the filter kills a process that uses another calling convention', () => {
    for (const architecture of [0x4000_0003, 0x4000_0028, 0])
      expect(runFilter(processor, { number: 1, architecture })).toBe('killed');
    // Numbers of the x32 ABI have an extra bit, which no rule has.
    expect(runFilter(processor, { number: 0x4000_0001 })).toBe('error 1');
  });

  it('the filter allows no call that opens, creates, connects, executes or inspects processes', () => {
    const harmful =
      /open|creat|socket|connect|bind|accept|send|recv|exec|fork|ptrace|process_vm|pidfd|io_uring|bpf|mount|link|rename|chmod|chown|mknod|mkdir|rmdir|trunc|dup|fcntl|ioctl|setuid|setgid|setns|unshare|keyctl|shm|msg|sem|perf|userfault|memfd|inotify|getdents|stat$|statx|readlink/;
    const named = rules.filter(({ errno }) => errno === undefined).map(({ name }) => name);
    expect(named.filter((name) => harmful.test(name))).toEqual(['fstat']);
  });
});
