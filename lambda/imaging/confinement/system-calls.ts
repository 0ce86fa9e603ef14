/** Processors whose system calls are known, by Node's names. */
export type Processor = 'x64' | 'arm64';

/** The processor in `seccomp_data.arch` (linux/audit.h). */
export const auditArchitecture: Readonly<Record<Processor, number>> = {
  x64: 0xc000_003e,
  arm64: 0xc000_00b7,
};

/** The number of seccomp(2) itself. */
export const seccompCall: Readonly<Record<Processor, number>> = { x64: 317, arm64: 277 };

/** Numbers of a call on x64 and on arm64, which uses the kernel's generic table; undefined where it has no such call. */
type Numbers = readonly [x64: number | undefined, arm64: number | undefined];

/**
 * The calls a sandbox needs once all its files are open, the most frequent first. Traced over 364 photographs, odd and
 * hostile files in six formats, and the fallbacks of glibc and V8. No call opens, creates, names or executes anything, and
 * none reaches another process.
 */
const plain: Readonly<Record<string, Numbers>> = {
  // Threads, and the event loop.
  futex: [202, 98],
  epoll_pwait: [281, 22],
  epoll_wait: [232, undefined],
  epoll_ctl: [233, 21],
  sched_yield: [24, 124],
  set_robust_list: [273, 99],
  rseq: [334, 293],
  sched_getaffinity: [204, 123],
  sched_getparam: [143, 121],
  sched_getscheduler: [145, 120],
  getpid: [39, 172],
  gettid: [186, 178],
  getcpu: [309, 168],
  // Open already: the pipe to the parent, the error output, wake-ups of the event loop.
  read: [0, 63],
  write: [1, 64],
  readv: [19, 65],
  writev: [20, 66],
  close: [3, 57],
  shutdown: [48, 210],
  fstat: [5, 80],
  lseek: [8, 62],
  eventfd2: [290, 19],
  // Memory. V8 compiles, so pages may become executable.
  brk: [12, 214],
  mmap: [9, 222],
  munmap: [11, 215],
  mremap: [25, 216],
  mprotect: [10, 226],
  pkey_mprotect: [329, 288],
  madvise: [28, 233],
  membarrier: [324, 283],
  // Clocks, where the kernel offers none without a call, and queries about the machine.
  clock_gettime: [228, 113],
  clock_getres: [229, 114],
  clock_nanosleep: [230, 115],
  nanosleep: [35, 101],
  gettimeofday: [96, 169],
  restart_syscall: [219, 128],
  getrandom: [318, 278],
  getrusage: [98, 165],
  sysinfo: [99, 179],
  uname: [63, 160],
  // Signals to itself, and the end.
  rt_sigaction: [13, 134],
  rt_sigprocmask: [14, 135],
  rt_sigreturn: [15, 139],
  sigaltstack: [131, 132],
  exit: [60, 93],
  exit_group: [231, 94],
};

/** Calls allowed for some values of their first argument only, compared by its lower 32 bits. */
const checked = {
  // glibc's flags of a new thread (it adds no namespace, and shares all that a thread shares); with musl's bit as well.
  clone: { numbers: [56, 220], values: [0x3d_0f00, 0x7d_0f00] },
  // The names of threads and of memory: PR_SET_NAME and PR_SET_VMA.
  prctl: { numbers: [157, 167], values: [15, 0x5356_4d41] },
} as const satisfies Record<string, { numbers: Numbers; values: readonly number[] }>;

/** Signals to the own process: a sandbox ends itself by SIGKILL without its parent, and aborts. */
const toItself: Readonly<Record<string, Numbers>> = { kill: [62, 129], tgkill: [234, 131] };

/** Skipped, with a result. */
const answered: Readonly<Record<string, { numbers: Numbers; errno: number }>> = {
  // Fontconfig checks before each text whether the font still exists; it is open. No error means yes.
  access: { numbers: [21, undefined], errno: 0 },
  faccessat: { numbers: [269, 48], errno: 0 },
  faccessat2: { numbers: [439, 439], errno: 0 },
  // Its flags are in memory, which no filter can read: with ENOSYS glibc uses clone.
  clone3: { numbers: [435, 435], errno: 38 },
};

/**
 * A rule for one system call: allowed, or skipped with an `errno` (0 is success). `values` are the allowed values of its
 * first argument; without them all are.
 */
export interface Rule {
  name: string;
  number: number;
  errno?: number;
  values?: readonly number[];
}

/** The rules of a sandbox. @param pid of the process that they are for */
export function rulesOf(processor: Processor, pid: number): Rule[] {
  const column = processor === 'x64' ? 0 : 1;
  const rules = (calls: Readonly<Record<string, Numbers>>, rest: Pick<Rule, 'errno' | 'values'>) =>
    Object.entries(calls).flatMap(([name, numbers]): Rule[] => {
      const number = numbers[column];
      return number === undefined ? [] : [{ name, number, ...rest }];
    });
  return [
    ...rules(plain, {}),
    ...Object.entries(checked).flatMap(([name, { numbers, values }]) =>
      rules({ [name]: numbers }, { values }),
    ),
    ...rules(toItself, { values: [pid] }),
    ...Object.entries(answered).flatMap(([name, { numbers, errno }]) =>
      rules({ [name]: numbers }, { errno }),
    ),
  ];
}
