import { realpathSync } from 'node:fs';
import { join } from 'node:path';

/** Where fontconfig finds the bundled font: the build copies `lambda/imaging/watermark/font/` to the function's `assets/`. */
const fontConfiguration = 'assets/fonts.conf';

/** Passed on where set. Without LD_LIBRARY_PATH some runtimes' node does not start. */
const passedOn = ['LD_LIBRARY_PATH', 'SLUICE_BLOCKED_LOADERS', 'SLUICE_DECODER_CONFINEMENT'] as const;

const MiB = 1024 * 1024;

/** Settings of libvips and of glibc's allocator. */
export const codecEnvironment = {
  // Each further arena keeps memory of its own: 2 take 25 MB more for photographs, 8 take 80 MB, and save no measurable
  // CPU, as one thread works at a time.
  MALLOC_ARENA_MAX: '1',
  // The next image reuses freed memory without new pages that the system must clear: 250 page faults a photograph instead
  // of 1,800, and 3 % of CPU. Blocks above the first threshold are mapped on their own and returned at once; of free memory
  // at the end of the heap no more than the second is kept.
  MALLOC_MMAP_THRESHOLD_: String(32 * MiB),
  MALLOC_TRIM_THRESHOLD_: String(128 * MiB),
  // With MALLOC_ARENA_MAX set, sharp uses one thread a core; three jobs already fill two cores.
  VIPS_CONCURRENCY: '1',
  // libvips writes images above 100 MB that a loader needs whole to a file, which the sandbox cannot create: a WebP of 27
  // megapixels was refused. The limits bound this memory, and it is counted.
  VIPS_DISC_THRESHOLD: '16g',
} as const;

/** The whole environment of a sandbox. No credentials: it reads untrusted bytes. */
export function sandboxEnvironment(root: string, own: NodeJS.ProcessEnv): Record<string, string> {
  return {
    ...codecEnvironment,
    // libuv's ring for files, whose calls bypass the filter.
    UV_USE_IO_URING: '0',
    FONTCONFIG_FILE: join(root, fontConfiguration),
    ...Object.fromEntries(passedOn.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]]))),
  };
}

/**
 * Node's restrictions from the first line on: a sandbox reads these folders, writes no file, and starts no process or
 * thread. They bind JavaScript only; `confinement/` binds code that took over a codec. 4 ms of CPU at the start.
 */
export function sandboxFlags(readable: readonly string[]): string[] {
  // Node also asks for the real name of a linked folder.
  const folders = new Set(readable.flatMap((folder) => [folder, realName(folder)]));
  return [
    '--permission',
    ...[...folders].map((folder) => `--allow-fs-read=${folder}`),
    // libvips and the binding for system calls are addons; Node warns of each that is allowed.
    '--allow-addons',
    '--disable-warning=SecurityWarning',
    // Pixels are freed explicitly (`pixel-scope.ts`), so that V8 collects rarely and lets the young generation grow to 128
    // MB over 300 images. With this a child stays below 200 MB over 500 mixed images, for the same CPU.
    '--max-semi-space-size=4',
  ];
}

function realName(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
