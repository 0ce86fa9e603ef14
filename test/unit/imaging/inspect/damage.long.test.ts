import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Rejection } from '../../../../lambda/domain/failure.ts';
import { damaged } from '../../../../lambda/imaging/inspect/damage.ts';
import { draw, plain, quartered } from '../fixtures.ts';
import { useLane } from '../sandbox-folder.ts';

const hasLimits = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0;
/** In the size of the picture, so that no codec can decode a reduced one. */
const presets = { whole: { width: 5000, formats: ['png' as const] } };
const formats = ['jpeg', 'png', 'webp', 'avif'] as const;

it.runIf(hasLimits).each(formats)(
  'a sound %s that runs out of memory is not blamed (skipped without prlimit)',
  async (format) => {
    const { lane, decode } = useLane({ inputs: { avif: true }, presets });
    const sound = await draw(plain(5000, 4000, [1, 2, 3]))
      [format]({ effort: 1 })
      .toBuffer();
    await decode(await draw(quartered(60, 40)).png().toBuffer());
    // Limited to its current size: the memory for 20 megapixels is not available.
    const size = /^VmSize:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${lane.pid}/status`, 'latin1'))?.[1];
    execFileSync('prlimit', ['--pid', String(lane.pid), `--as=${Number(size) * 1024}`]);
    const { pid } = lane;
    const outcome = await decode(sound).catch((error: unknown) => error);
    // If glib itself runs out of memory, it ends the child, and the next child makes the image.
    if (lane.pid === pid) expect(outcome).toMatchObject({ code: 'internal' });
    expect(outcome).not.toBeInstanceOf(Rejection);
  },
);

it.each([
  'vips_tracked: out of memory -- size == 76MB',
  'vips: out of memory --- size == 36MB',
  'heif: Invalid input: Unspecified: Memory allocation error (2.0)',
  'mmap: Cannot allocate memory',
  'std::bad_alloc',
  'VipsJpeg: Insufficient memory (case 4)',
  'not enough memory',
])('"%s" is rethrown unchanged', (message) => {
  const error = new Error(message);
  expect(() => damaged(error, 'jpeg', 1)).toThrow(error);
});

it.each([
  'tiff2vips: out of memory',
  'pngload_buffer: libpng read error: text chunk: out of memory',
  'heif: Memory allocation error: Security limit exceeded: Number of extents in iloc box (11009) exceeds security limit (32);  (6.1000)',
])('"%s" is blamed on what the file declares', (message) => {
  expect(damaged(new Error(message), 'tiff', 1).code).toBe('corrupt_image');
});

it.each([
  ['tiff2vips: Not enough data at scanline 4 (short 12 bytes)', 'ends before the image is complete'],
  ['tiff2vips: ZSTD compression support is not configured', 'is of a rare kind that is not supported'],
  ['VipsJpeg: Corrupt JPEG data: bad Huffman code', 'is damaged: its data could not be decoded'],
])('"%s" means that the file %s', (message, words) => {
  expect(damaged(new Error(message), 'tiff', 1).detail).toBe(`The TIFF ${words}.`);
});
