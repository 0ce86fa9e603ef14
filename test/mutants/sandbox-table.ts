import type { Row } from './table.ts';

const confinement = ['test/unit/imaging/confinement/confinement.long.test.ts'];
const filter = ['test/unit/imaging/confinement/filter.test.ts'];
const lane = ['test/unit/imaging/sandbox/lane.long.test.ts'];

/** Rows about confining a sandbox that malicious bytes took over. */
export const sandboxTable: readonly Row[] = [
  {
    file: 'lambda/imaging/sandbox/child.ts',
    from: 'await confine();\n',
    to: '',
    loses: 'the sandbox opens files, sockets and processes',
    tests: confinement,
  },
  {
    file: 'lambda/imaging/confinement/confine.ts',
    from: 'const allThreads = 1;',
    to: 'const allThreads = 0;',
    loses: "the codecs' threads are not confined",
    tests: confinement,
  },
  {
    file: 'lambda/imaging/confinement/filter.ts',
    from: 'operand: killProcess',
    to: 'operand: allow',
    loses: '32-bit system calls bypass the filter',
    tests: [...confinement, ...filter],
  },
  {
    file: 'lambda/imaging/confinement/system-calls.ts',
    from: 'rules(toItself, { values: [pid] })',
    to: 'rules(toItself, {})',
    loses: 'the sandbox signals other processes',
    tests: [...confinement, ...filter],
  },
  {
    file: 'lambda/imaging/sandbox/process.ts',
    from: '    this.#pipe?.destroy();\n',
    to: '',
    loses: 'a process that holds the pipe blocks the lane',
    tests: lane,
  },
  {
    file: 'lambda/imaging/sandbox/process.ts',
    from: 'this.#current?.expected.mostBytes ?? 0',
    to: 'Number.MAX_SAFE_INTEGER',
    loses: 'the sandbox fills the memory of the worker',
    tests: lane,
  },
  {
    file: 'lambda/imaging/sandbox/response.ts',
    from: 'message.id !== expected.id',
    to: 'false',
    loses: 'the response to another request is accepted',
    tests: [...lane, 'test/unit/imaging/sandbox/response.test.ts'],
  },
  {
    file: 'lambda/imaging/sandbox/response.ts',
    from: 'format === undefined && expected.optional',
    to: 'format === undefined',
    loses: 'an image becomes ready without its variants',
    tests: [...lane, 'test/unit/imaging/sandbox/response.test.ts'],
  },
];
