import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Rejection } from '../../../../lambda/domain/failure.ts';
import { draw, quartered } from '../fixtures.ts';
import { failure } from '../sandbox/fake-lane.ts';
import { defaultConfig, useLane } from '../sandbox-folder.ts';

const { ENOSYS, EPERM } = constants.errno;

/** The names in hostile.c, in the order of the file. */
const source = join(import.meta.dirname, 'hostile.c');
const names = [...readFileSync(source, 'utf8').matchAll(/!strcmp\(name, "([^"]+)"\)/g)].map(
  ([, name]) => name as string,
);

let library: Buffer | undefined;
let picture: Buffer;
beforeAll(async () => {
  picture = await draw(quartered(60, 40)).png().toBuffer();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-hostile-'));
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', join(folder, 'hostile.so'), source]);
    library = readFileSync(join(folder, 'hostile.so'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Results of attempts in a sandbox with malicious code, by name: 0, or the kernel's error. */
async function attempts(requested: string[]) {
  const files = { 'hostile.so': library as Buffer, 'attempts.json': Buffer.from(JSON.stringify(requested)) };
  const entry = join(import.meta.dirname, 'hostile-sandbox.ts');
  const { decode, root } = useLane(defaultConfig, { entry }, files);
  const { cause } = (await failure(decode(picture))) as Rejection;
  const report = /it said: (\{.*\})/.exec(String(cause))?.[1];
  return { root, cause: String(cause), found: report && (JSON.parse(report) as Record<string, number>) };
}

describe.runIf(process.platform === 'linux')('native code that took over the sandbox', () => {
  it('a confined process cannot read its parent, open files or sockets, start processes or reach the network', async (test) => {
    test.skip(library === undefined, 'There is no C compiler (cc) here, which makes the hostile library.');
    const { found, root } = await attempts(names);
    const refused = Object.fromEntries(names.map((name) => [name, EPERM]));
    // glibc takes ENOSYS as "unknown system call" and falls back to clone.
    expect(found).toEqual({ ...refused, clone3: ENOSYS });
    expect(names.length).toBeGreaterThan(25);
    expect(existsSync(join(root, 'settings.json'))).toBe(true);
    expect(existsSync(join(root, 'hostile'))).toBe(false);
  });

  it('the same attempts nearly all succeed without confinement, so the test is real', async (test) => {
    test.skip(library === undefined, 'There is no C compiler (cc) here, which makes the hostile library.');
    vi.stubEnv('SLUICE_DECODER_CONFINEMENT', 'none');
    onTestFinished(() => void vi.unstubAllEnvs());
    const real = [
      'environment of the parent',
      'reading a file',
      'writing a file',
      'a socket of the internet',
    ];
    const { found } = await attempts([
      ...real,
      'fork',
      'a signal to the parent',
      'handing a descriptor over',
    ]);
    expect(found).toMatchObject(Object.fromEntries(real.map((name) => [name, 0])));
    expect(found).toMatchObject({ fork: 0, 'a signal to the parent': 0, 'handing a descriptor over': 0 });
  });

  it.runIf(process.arch === 'x64')('a confined process is killed by a 32-bit system call', async (test) => {
    test.skip(library === undefined, 'There is no C compiler (cc) here, which makes the hostile library.');
    const { found, cause } = await attempts([]);
    expect(found).toEqual({});
    expect(cause).toContain('signal SIGSYS');
  });
});

describe.runIf(process.platform === 'linux')('a process that cannot be confined', () => {
  /** Runs these lines in another process, where `confine` is imported. @returns its output */
  const run = (lines: string) => {
    const module = join(import.meta.dirname, '../../../../lambda/imaging/confinement/confine.ts');
    const script = `import { writeSync } from 'node:fs'; import { setImmediate } from 'node:timers/promises';
      import { confine } from ${JSON.stringify(module)}; await setImmediate(); ${lines};
      process.kill(process.pid, 'SIGKILL');`;
    const args = ['--input-type=module', '-e', script];
    return spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout;
  };
  const reporting = "await confine(PLACE).catch(({ name, message }) => writeSync(1, name + ' ' + message))";

  it('confinement fails with the kernel’s reason, here in a process that is confined already', () => {
    const output = run(`await confine(); ${reporting.replace('PLACE', '')}`);
    expect(output).toContain('NotConfined The kernel refuses PR_SET_NO_NEW_PRIVS (errno 1)');
  });

  it('confinement fails on an unknown processor architecture', () => {
    const output = run(reporting.replace('PLACE', "{ platform: 'linux', arch: 'riscv64', env: {} }"));
    expect(output).toBe('NotConfined There is no confinement for riscv64.');
  });
});

describe.runIf(process.platform === 'linux')('a running sandbox', () => {
  it('a sandbox has no open files but its pipe, its error output and those of its event loop', async () => {
    const { lane, decode } = useLane(defaultConfig);
    await decode(picture);
    const folder = `/proc/${lane.pid}/fd`;
    const open = readdirSync(folder).map((fd) => readlinkSync(join(folder, fd)).replace(/\d+/g, 'N'));
    const harmless = /^(\/dev\/null|socket:\[N\]|pipe:\[N\]|anon_inode:\[?(eventpoll|eventfd|io_uring)\]?)$/;
    expect(open.filter((file) => !harmless.test(file))).toEqual([]);
  });

  it('a sandbox processes pictures for which libvips would use files: above 100 MB of pixels, of each type', async () => {
    const { decode } = useLane({
      presets: { tiny: { width: 16, formats: ['jpeg'] } },
      inputs: { avif: true },
    });
    const [width, height] = [6000, 4600];
    const large = sharp({ create: { width, height, channels: 4, background: '#00aa8880' } });
    const files = [
      large.clone().webp({ lossless: true, effort: 0 }),
      large.clone().png({ compressionLevel: 1, progressive: true }),
      large.clone().tiff({ compression: 'lzw', tile: true }),
      large.clone().gif({ effort: 1 }),
      large.clone().jpeg({ progressive: true }),
    ];
    for (const file of files)
      expect((await decode(await file.toBuffer())).original).toMatchObject({ width, height });
  });

  it('every thread of a sandbox is confined', async () => {
    const { lane, decode } = useLane(defaultConfig);
    await decode(picture);
    const tasks = readdirSync(`/proc/${lane.pid}/task`);
    for (const task of tasks) {
      const status = readFileSync(`/proc/${lane.pid}/task/${task}/status`, 'utf8');
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
      expect(status).toMatch(/^Seccomp:\s+2$/m);
    }
    expect(tasks.length).toBeGreaterThan(4);
  });
});
