import { realpathSync } from 'node:fs';
import { join } from 'node:path';

/** Where fontconfig finds the bundled font: the build lays `lambda/imaging/watermark/font/` into the function's `assets/`. */
const fontConfiguration = 'assets/fonts.conf';

/** Handed on where they are set. Without LD_LIBRARY_PATH some runtimes' node does not start. */
const handedOn = ['LD_LIBRARY_PATH', 'SLUICE_BLOCKED_LOADERS', 'SLUICE_DECODER_CONFINEMENT'] as const;

const MiB = 1024 * 1024;

/** What libvips and glibc's allocator are told. */
export const codecEnvironment = {
  // More arenas each keep pieces of their own: with 2 a sandbox of photographs takes 25 MB more, with 8 of them 80 MB, for no
  // CPU that could be measured, as one thread works at a time.
  MALLOC_ARENA_MAX: '1',
  // What one image let go of the next one takes, without asking the system for pages that it has to clear: 250 page faults
  // a photograph instead of 1,800, and 3 % of CPU. A block above the first threshold is mapped by itself and given back at
  // once; of what is free at the end of the heap no more than the second is kept.
  MALLOC_MMAP_THRESHOLD_: String(32 * MiB),
  MALLOC_TRIM_THRESHOLD_: String(128 * MiB),
  // With MALLOC_ARENA_MAX set sharp takes one thread a core; three jobs already fill two cores.
  VIPS_CONCURRENCY: '1',
  // What a loader wants whole libvips would put into a file above 100 MB, and a sandbox can make none: a WebP of 27 megapixels
  // was refused for it. The memory is bounded by the limits, and counted.
  VIPS_DISC_THRESHOLD: '16g',
} as const;

/** All that a sandbox finds in its environment. No credentials: it reads strangers' bytes. */
export function sandboxEnvironment(root: string, own: NodeJS.ProcessEnv): Record<string, string> {
  return {
    ...codecEnvironment,
    // libuv's ring for files, by which calls go round a filter.
    UV_USE_IO_URING: '0',
    FONTCONFIG_FILE: join(root, fontConfiguration),
    ...Object.fromEntries(handedOn.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]]))),
  };
}

/**
 * What Node holds a sandbox to from its first line on: it reads these folders, and neither writes a file nor starts a
 * process or a thread. It binds JavaScript only; what binds code that took over a codec is `confinement/`. 4 ms of CPU at
 * the start.
 */
export function sandboxFlags(readable: readonly string[]): string[] {
  // A folder behind a link is asked for by its real name, too.
  const folders = new Set(readable.flatMap((folder) => [folder, realName(folder)]));
  return [
    '--permission',
    ...[...folders].map((folder) => `--allow-fs-read=${folder}`),
    // libvips is one, and so is what calls the kernel; Node warns of every one that is allowed.
    '--allow-addons',
    '--disable-warning=SecurityWarning',
    // Pixels are no garbage (`let-go.ts`), so V8 collects seldom, and lets the space for what is young grow to 128 MB over 300
    // images. A child that made 500 mixed ones stays below 200 MB with this, and takes as much CPU as without.
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
