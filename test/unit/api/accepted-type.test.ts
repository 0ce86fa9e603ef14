import { expect, it } from 'vitest';
import { acceptedType, unsupportedType } from '../../../lambda/api/http/accepted-type.ts';
import { acceptedTypes } from '../../../lambda/domain/image.ts';

const settings = (tiff: boolean, avif: boolean) => ({ inputs: { tiff, avif } });

it('an upload may declare the enabled types and no others', () => {
  expect(acceptedTypes(settings(true, false))).toEqual([
    'image/jpeg',
    'image/png',
    'image/webp',
    'image/gif',
    'image/tiff',
  ]);
  expect(acceptedType('image/avif', settings(true, false))).toBeUndefined();
  expect(acceptedType('image/avif', settings(true, true))).toBe('image/avif');
  expect(acceptedType('image/tiff', settings(false, true))).toBeUndefined();
  expect(acceptedType('image/heic', settings(true, true))).toBeUndefined();
});

it('the problem of an unsupported type lists the accepted ones', () => {
  const { detail, code } = unsupportedType('No.', settings(false, false), ['application/json']);
  expect(code).toBe('unsupported_type');
  expect(detail).toBe('No. Use one of application/json, image/jpeg, image/png, image/webp, image/gif.');
});
