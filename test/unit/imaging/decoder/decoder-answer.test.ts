import { describe, expect, it } from 'vitest';
import { messageOf } from '../../../../lambda/imaging/decoder/answer.ts';

const shape = { width: 4, height: 3, frames: 1 };
const variant = { preset: 'large', format: 'webp', ...shape, bytes: 3, sha256: 'a'.repeat(64) };
const decoded = {
  original: { contentType: 'image/png', bytes: 90, ...shape },
  placeholder: { color: '#0a0b0c', thumbhash: 'AAAA' },
  variants: [variant, { ...variant, format: 'jpeg', bytes: 2 }],
};
const body = Buffer.from('abcde');
const read = (header: unknown) => messageOf({ header, body });

describe('what a decoder says', () => {
  it('is a picture with its bytes, cut from what came beside', () => {
    const message = read({ type: 'decoded', decoded });
    const variants = [
      { ...variant, contentType: 'image/webp', bytes: Buffer.from('abc') },
      { ...variant, format: 'jpeg', contentType: 'image/jpeg', bytes: Buffer.from('de') },
    ];
    expect(message).toEqual({ type: 'decoded', decoded: { ...decoded, variants } });
  });

  it('is why there is none', () => {
    for (const message of [
      { type: 'ready' },
      { type: 'failed', reason: 'two\nlines' },
      { type: 'rejected', code: 'corrupt_image', detail: 'The PNG is damaged.', reason: 'zlib' },
    ])
      expect(read(message)).toEqual(message);
  });

  it('never names the content type of a variant', () => {
    const lying = decoded.variants.map((one) => ({ ...one, contentType: 'text/html' }));
    const message = read({ type: 'decoded', decoded: { ...decoded, variants: lying } });
    expect(JSON.stringify(message)).not.toContain('html');
  });

  it.each([
    ['nothing', null],
    ['a word', 'ready'],
    ['an unknown type', { type: 'done' }],
    ['an unknown code', { type: 'rejected', code: 'queer', detail: '', reason: '' }],
    ['a reason of megabytes', { type: 'failed', reason: 'x'.repeat(1001) }],
    ['no picture', { type: 'decoded' }],
    ['no original', { type: 'decoded', decoded: { ...decoded, original: undefined } }],
    ['no variants', { type: 'decoded', decoded: { ...decoded, variants: 1 } }],
    ['fewer bytes than came', { type: 'decoded', decoded: { ...decoded, variants: [variant] } }],
  ])('is refused when it is %s', (_, header) => {
    expect(() => read(header)).toThrow();
  });

  it.each([
    ['width', 0],
    ['height', 1.5],
    ['frames', '1'],
    ['bytes', -1],
    ['bytes', 4],
    ['format', 'html'],
    ['format', 'toString'],
    ['preset', undefined],
    ['sha256', 'a'.repeat(63)],
  ])('is refused when a variant has %s %s', (field, value) => {
    const variants = [{ ...variant, [field]: value }, decoded.variants[1]];
    expect(() => read({ type: 'decoded', decoded: { ...decoded, variants } })).toThrow();
  });
});
