import { expect, it } from 'vitest';
import { checkHeader } from '../../../../lambda/imaging/inspect/header-limits.ts';

const limits = {
  maxBytes: 0,
  maxPixels: 0,
  maxPixelsJpeg: 0,
  maxScans: 0,
  decodeTimeoutMs: 0,
  ...{ maxSide: 100, maxPages: 1, maxFramePixels: 1_000, maxProfileBytes: 10 },
};
const maxPixels = 2_000;
const header = { width: 50, height: 40 };
const codeOf = (more: Partial<Parameters<typeof checkHeader>[0]>): string | undefined => {
  try {
    checkHeader({ ...header, ...more }, limits, maxPixels);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

it.each([
  ['as much as is allowed of everything', { icc: Buffer.alloc(10) }, undefined],
  ['a side as long as allowed', { width: 100, height: 20 }, undefined],
  ['too wide', { width: 101, height: 1 }, 'dimensions_too_large'],
  ['too high', { width: 1, height: 101 }, 'dimensions_too_large'],
  ['a pixel too many', { width: 29, height: 69 }, 'dimensions_too_large'],
  ['a profile too long', { icc: Buffer.alloc(11) }, 'too_complex'],
] as const)('the header limit holds: %s', (_, more, code) => {
  expect(codeOf(more)).toBe(code);
});
