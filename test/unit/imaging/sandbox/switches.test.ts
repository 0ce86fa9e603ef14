import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Rejection, TransientFailure } from '../../../../lambda/domain/failure.ts';
import { inputTypes, readBlockedLoaders } from '../../../../lambda/domain/inputs.ts';
import { requireMinimumVersions } from '../../../../lambda/imaging/minimum-versions.ts';
import { functionEnvironment } from '../../../../lambda/process/environment.ts';
import { readEnvironment } from '../../../../lambda/runtime/environment.ts';
import { withPlainFormats } from '../../../support/plain-formats.ts';
import { draw, quartered } from '../fixtures.ts';
import { sandboxEntry, sandboxFolder, useLane } from '../sandbox-folder.ts';

/** Resolved as from a module outside of the project. */
const sharpModule = JSON.stringify(import.meta.resolve('sharp'));
const presets = withPlainFormats({ small: { width: 32 } });
const picture = draw(quartered(40, 30));
const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('it should have failed'),
    (error: Rejection | TransientFailure) => error,
  );

/** Sets the switch for all processes started until the test ends. */
function block(text: string): void {
  process.env.SLUICE_BLOCKED_LOADERS = text;
  onTestFinished(() => {
    delete process.env.SLUICE_BLOCKED_LOADERS;
  });
}

/** Runs the real sandbox alone, with a module loaded first. @returns its output, and how it ended */
async function startDecoder(preload: string, environment: Record<string, string> = {}) {
  const { root, remove } = sandboxFolder({ presets });
  onTestFinished(remove);
  const first = join(root, 'first.mjs');
  writeFileSync(first, preload);
  const child = spawn(process.execPath, ['--import', first, sandboxEntry, root], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...environment },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let log = '';
  child.stderr?.on('data', (part) => {
    log += part;
  });
  const outcome = await Promise.race([
    once(child, 'message').then(([{ type }]) => type),
    once(child, 'close').then(([code]) => code),
  ]);
  return { outcome, log };
}

describe('SLUICE_BLOCKED_LOADERS', () => {
  it('files of a blocked type are unsupported_type with that detail, and all others are still processed', async () => {
    block(' WebP,tiff ');
    const { decode } = useLane({ presets });
    for (const type of ['webp', 'tiff'] as const) {
      const error = await failure(decode(await picture.clone()[type]().toBuffer()));
      expect(error).toMatchObject({ name: 'Rejection', code: 'unsupported_type' });
      const name = type === 'webp' ? 'WebP' : 'TIFF';
      expect(error).toMatchObject({
        detail: `The file is ${name}, which is switched off for now. Accepted are JPEG, PNG, GIF.`,
      });
    }
    for (const type of ['jpeg', 'png', 'gif'] as const)
      expect((await decode(await picture.clone()[type]().toBuffer())).variants).toHaveLength(2);
  });

  it('blocking affects neither our watermarks nor photographs with a profile', async () => {
    block('png,tiff,webp,gif');
    const mark = await draw(quartered(16, 16)).png().toBuffer();
    const { decode } = useLane(
      {
        presets: withPlainFormats({ marked: { width: 32, watermarks: ['logo'] } }),
        watermarks: { logo: { type: 'image', path: 'logo.png', opacity: 1, scale: 0.5 } },
      },
      {},
      { 'logo.png': mark },
    );
    const photo = await picture.clone().withIccProfile('p3').jpeg().toBuffer();
    expect((await decode(photo)).variants).toHaveLength(2);
    expect(await failure(decode(mark))).toMatchObject({ code: 'unsupported_type' });
  });

  it('blocking disables the loader itself, not only the name', async () => {
    const script = `
      import sharp from ${sharpModule};
      const { readOwn } = await import(${JSON.stringify(join(import.meta.dirname, '../../../../lambda/imaging/codecs.ts'))});
      const png = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } }).png().toBuffer();
      const open = () => sharp(png).metadata().then(() => 'opened', ({ message }) => message);
      const outcomes = [await open(), ...(await Promise.all([readOwn(open), readOwn(open)])), await open()];
      process.send({ type: outcomes.join(', ') });`;
    const shut = await startDecoder(script, { SLUICE_BLOCKED_LOADERS: 'png' });
    expect(shut.outcome).toMatch(
      /^[^,]+unsupported image format, opened, opened, [^,]+unsupported image format$/,
    );
    expect((await startDecoder(script)).outcome).toBe('opened, opened, opened, opened');
  });

  it('an unknown name keeps the sandbox from starting and lists the known ones', async () => {
    const { outcome, log } = await startDecoder('', { SLUICE_BLOCKED_LOADERS: 'avif,jpg' });
    expect(outcome).toBe(1);
    expect(log).toContain('SLUICE_BLOCKED_LOADERS knows no "jpg"; it knows jpeg, png, webp, gif, tiff, avif');
  });

  it('an unknown name is reported with other mistakes when the function starts', () => {
    const read = (SLUICE_BLOCKED_LOADERS: string) =>
      readEnvironment(functionEnvironment, { SLUICE_BLOCKED_LOADERS });
    expect(() => read('heic')).toThrow(/DATABASE_HOST.*SLUICE_BLOCKED_LOADERS: .*knows no "heic"/s);
    expect(() => read('avif')).toThrow(/^(?!.*SLUICE_BLOCKED_LOADERS).*DATABASE_HOST/s);
  });

  it('names may have spaces and any case, and be repeated or absent', () => {
    expect(readBlockedLoaders(undefined)).toEqual([]);
    expect(readBlockedLoaders(' , ')).toEqual([]);
    expect(readBlockedLoaders('GIF, gif ,Jpeg')).toEqual(['jpeg', 'gif']);
    expect(readBlockedLoaders(inputTypes.join(','))).toEqual([...inputTypes]);
    expect(() => readBlockedLoaders('gif,svg,pdf')).toThrow('knows no "svg", "pdf"');
  });
});

describe('minimum versions of the codecs', () => {
  const good = { vips: '8.18.3', heif: '1.23.5', webp: '1.3.2', png: '1.6.56' };

  it('the installed codecs meet the minimum versions', () => {
    expect(() => requireMinimumVersions(sharp.versions)).not.toThrow();
    expect(() => requireMinimumVersions(good)).not.toThrow();
    expect(() =>
      requireMinimumVersions({ vips: '9.0.0', heif: '1.30', webp: '2.0.0', png: '1.7.0' }),
    ).not.toThrow();
  });

  it.each([
    ['vips', '8.18.2', 'libvips is 8.18.2'],
    ['vips', '8.9.9', 'libvips is 8.9.9'],
    ['heif', '1.23.4', 'libheif is 1.23.4'],
    ['webp', '1.3.1', 'libwebp is 1.3.1'],
    ['png', '1.6.55', 'libpng is 1.6.55'],
    ['png', '1.6', 'libpng is 1.6'],
    ['heif', undefined, 'the version of libheif is not known'],
    ['webp', 'none', 'libwebp is none'],
  ])('%s %s is refused', (codec, version, message) => {
    expect(() => requireMinimumVersions({ ...good, [codec]: version })).toThrow(message);
  });

  it('a sandbox below the minimum exits before it is ready, with the required versions', async () => {
    const { outcome, log } = await startDecoder(
      `import sharp from ${sharpModule}; sharp.versions.heif = '1.19.0'; sharp.versions.png = '1.6.40';`,
    );
    expect(outcome).toBe(1);
    expect(log).toContain(
      'Codecs are too old to decode images safely: libheif is 1.19.0, libpng is 1.6.40; at least libvips 8.18.3, libheif 1.23.5, libwebp 1.3.2, libpng 1.6.56 are required.',
    );
  });
});
