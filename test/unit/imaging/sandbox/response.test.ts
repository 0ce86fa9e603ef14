import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Expectation, expectationOf } from '../../../../lambda/imaging/sandbox/expectation.ts';
import { isReady, responseOf } from '../../../../lambda/imaging/sandbox/response.ts';
import { resolveConfig } from '../../../../lib/config/resolve.ts';
import { order } from './fake-lane.ts';

const shape = { width: 4, height: 3, frames: 1 };
const variant = { preset: 'large', format: 'webp', ...shape, bytes: 3 };
const expected: Expectation = {
  id: 'one',
  contentType: 'image/png',
  bytes: 90,
  variants: [
    { preset: 'large', formats: ['webp'], optional: false },
    { preset: 'large', formats: ['jpeg'], optional: false },
  ],
  limits: { maxSide: 100, maxPages: 5 },
  mostBytes: 1000,
};
const picture = {
  original: { contentType: 'image/png', bytes: 90, ...shape },
  placeholder: { color: '#0a0b0c', thumbhash: 'AAAA' },
  variants: [variant, { ...variant, format: 'jpeg', bytes: 2 }],
};
const response = { id: 'one', type: 'rendered', image: picture };
const body = Buffer.from('abcde');
const none = Buffer.alloc(0);
const read = (header: unknown, bytes = body) => responseOf({ header, body: bytes }, expected);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the response of a sandbox', () => {
  it('a picture has its bytes and their checksum', () => {
    const variants = [
      { ...variant, contentType: 'image/webp', bytes: Buffer.from('abc'), sha256: sha256('abc') },
      {
        ...variant,
        ...{ format: 'jpeg', contentType: 'image/jpeg', bytes: Buffer.from('de'), sha256: sha256('de') },
      },
    ];
    expect(read(response)).toEqual({ type: 'rendered', image: { ...picture, variants } });
  });

  it('a rejection has its reason', () => {
    const { id, ...failed } = { id: 'one', type: 'failed', reason: 'two\nlines' };
    expect(read({ id, ...failed }, none)).toEqual(failed);
    const rejected = {
      type: 'rejected',
      code: 'corrupt_image',
      detail: 'The PNG is damaged.',
      reason: 'zlib',
    };
    expect(read({ id, ...rejected }, none)).toEqual(rejected);
  });

  it('readiness is reported once, before the first request', () => {
    expect(isReady({ header: { type: 'ready' }, body: none })).toBe(true);
    expect(isReady({ header: { type: 'ready' }, body })).toBe(false);
    expect(isReady({ header: { id: 'one', type: 'failed', reason: '' }, body: none })).toBe(false);
    expect(() => read({ id: 'one', type: 'ready' }, none)).toThrow('unknown type');
  });

  it('the content type and the checksum of a variant do not come from the sandbox', () => {
    const lying = picture.variants.map((one) => ({
      ...one,
      contentType: 'text/html',
      sha256: '0'.repeat(64),
    }));
    const result = JSON.stringify(read({ ...response, image: { ...picture, variants: lying } }));
    expect(result).not.toContain('html');
    expect(result).not.toContain('00000000');
  });

  it.each([
    ['nothing', null],
    ['a word', 'ready'],
    ['the response to another request', { ...response, id: 'two' }],
    ['a response without a request', { ...response, id: undefined }],
    ['of an unknown type', { id: 'one', type: 'done' }],
    ['no picture', { id: 'one', type: 'rendered' }],
    ['a picture without its original', { ...response, image: { ...picture, original: undefined } }],
    ['a picture without variants', { ...response, image: { ...picture, variants: [] } }],
    ['no list of variants', { ...response, image: { ...picture, variants: 1 } }],
    ['fewer variants than requested', { ...response, image: { ...picture, variants: [variant] } }],
    ['a variant twice', { ...response, image: { ...picture, variants: [variant, variant] } }],
  ])('a response that is %s is refused', (_, header) => {
    expect(() => read(header)).toThrow();
  });

  it.each([
    ['an unknown code', { code: 'queer' }],
    ['a reason of megabytes', { reason: 'x'.repeat(1001) }],
    ['a detail that no row can hold', { detail: 'a\0b' }],
  ])('a rejection that has %s is refused', (_, lying) => {
    const rejected = { type: 'rejected', code: 'corrupt_image', detail: 'Damaged.', reason: 'zlib' };
    expect(() => read({ id: 'one', ...rejected, ...lying }, none)).toThrow();
  });

  it('bytes with anything but a picture are refused', () => {
    expect(() => read({ id: 'one', type: 'failed', reason: '' })).toThrow('bytes without a picture');
  });

  it.each([
    ['contentType', 'image/jpeg'],
    ['bytes', 89],
    ['width', 101],
    ['height', 101],
    ['frames', 2 ** 31],
  ])('an original with %s %s is refused', (field, value) => {
    const original = { ...picture.original, [field]: value };
    expect(() => read({ ...response, image: { ...picture, original } })).toThrow();
  });

  it.each([
    ['color', 'red'],
    ['thumbhash', 'a\0b'],
    ['thumbhash', 'A'.repeat(70)],
    ['blurhash', 'x\0xxxxx'],
  ])('a placeholder with a %s like %j is refused', (field, value) => {
    const placeholder = { ...picture.placeholder, [field]: value };
    expect(() => read({ ...response, image: { ...picture, placeholder } })).toThrow();
  });

  it.each([
    ['width', 0],
    ['width', 16_384],
    ['height', 1.5],
    ['frames', '1'],
    ['frames', 6],
    ['bytes', -1],
    ['bytes', 4],
    ['format', 'html'],
    ['format', 'jpeg'],
    ['format', 'toString'],
    ['preset', undefined],
    ['preset', 'small'],
  ])('a variant with %s %s is refused', (field, value) => {
    const variants = [{ ...variant, [field]: value }, picture.variants[1]];
    expect(() => read({ ...response, image: { ...picture, variants } })).toThrow();
  });
});

describe('a variant that the picture decides', () => {
  const modern: Expectation = {
    ...expected,
    variants: [
      { preset: 'large', formats: ['avif', 'webp'], optional: true },
      { preset: 'large', formats: ['jpeg'], optional: false },
    ],
  };
  const readModern = (variants: unknown) =>
    responseOf({ header: { ...response, image: { ...picture, variants } }, body }, modern).type;
  const jpeg = { ...variant, format: 'jpeg', bytes: 2 };

  it.each([
    ['AVIF', [{ ...variant, format: 'avif' }, jpeg]],
    ['WebP', [variant, jpeg]],
    ['missing, because the JPEG is smaller', [{ ...jpeg, bytes: 5 }]],
  ])('it may be %s', (_, variants) => {
    expect(readModern(variants)).toBe('rendered');
  });

  it.each([
    ['another format', [{ ...variant, format: 'png' }, jpeg]],
    ['both formats', [{ ...variant, format: 'avif', bytes: 1 }, { ...variant, bytes: 2 }, jpeg]],
    ['the JPEG missing', [{ ...variant, format: 'avif', bytes: 5 }]],
    ['nothing at all', []],
    ['one too many', [variant, jpeg, jpeg]],
    ['no list', {}],
  ])('%s is refused', (_, variants) => {
    expect(() => readModern(variants)).toThrow();
  });

  it('what is missing is called by its name', () => {
    expect(() => readModern([])).toThrow('a wrong number of variants');
    expect(() => readModern([{ ...variant, format: 'avif', bytes: 5 }])).toThrow(
      'a variant that was not requested',
    );
  });

  it('it may not be missing where nothing else is made', () => {
    const alone = { ...modern, variants: [{ preset: 'large', formats: ['avif'] as const, optional: false }] };
    const none = { ...response, image: { ...picture, variants: [] } };
    expect(() => responseOf({ header: none, body: Buffer.alloc(0) }, alone)).toThrow();
  });
});

describe('what the worker expects', () => {
  const settings = resolveConfig({
    presets: {
      a: { width: 10, formats: ['original', 'webp'] },
      b: { width: 20 },
      c: { width: 30, formats: ['modern'] },
    },
  });
  const expected = (bytes: Uint8Array, ...presetNames: string[]) =>
    expectationOf({ bytes, presetNames, tenant: 't', year: 2026 }, settings);

  it('the worker expects every format of every preset, by the type of the file’s first bytes', () => {
    const { contentType, bytes, variants } = expected(order('a file'), 'b', 'a', 'c');
    expect([contentType, bytes]).toEqual(['image/png', 14]);
    const named = variants.map(
      ({ preset, formats, optional }) => `${preset}.${formats.join('|')}${optional ? '?' : ''}`,
    );
    // The JPEG of a preset can be smaller than what is newer; without one, there is always a modern variant.
    expect(named).toEqual([...['b.avif|webp?', 'b.jpeg'], ...['a.png', 'a.webp'], 'c.avif|webp']);
  });

  it('the worker expects that a PNG, too, can be smaller than what is newer', () => {
    const beside = resolveConfig({ presets: { a: { width: 10, formats: ['modern', 'png'] } } });
    const request = { bytes: order('a file'), presetNames: ['a'], tenant: 't', year: 2026 };
    expect(expectationOf(request, beside).variants.map(({ optional }) => optional)).toEqual([true, false]);
  });

  it('the worker expects no picture of an unknown type, and nothing of an unknown preset', () => {
    expect(expected(Buffer.from('not an image'), 'a')).toMatchObject({
      contentType: undefined,
      variants: [],
    });
    expect(expected(order('a file'), 'toString').variants).toEqual([]);
  });

  it('every request has another id', () => {
    expect(expected(order('a file')).id).not.toBe(expected(order('a file')).id);
  });
});
