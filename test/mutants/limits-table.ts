import type { Row } from './table.ts';

/** Rows about limits: what they reject and what they accept. */
export const limitsTable: readonly Row[] = [
  {
    file: 'lambda/imaging/recipe.ts',
    from: ' &&\n    isHeld(animation, [original, shape.canvas], limits);',
    to: ';',
    loses: 'animations of any size are held in memory',
    tests: ['test/unit/imaging/inspect/page-limits.test.ts'],
  },
  {
    file: 'lambda/imaging/recipe.ts',
    from: '[original, shape.canvas]',
    to: '[original]',
    loses: 'an animation enlarged by a preset is held in memory',
    tests: ['test/unit/imaging/inspect/page-limits.test.ts'],
  },
  {
    file: 'lambda/imaging/shape/crop.ts',
    from: 'Math.min(enlarged - length, Math.round(at - from * scale))',
    to: '0',
    loses: 'an enlarged part is shifted by some pixels',
    tests: ['test/unit/imaging/shape/fits.test.ts'],
  },
  {
    file: 'lambda/imaging/codecs.ts',
    from: 'reading(sharp(data, { raw, limitInputPixels: false }), data)',
    to: 'sharp(data, { raw, limitInputPixels: false })',
    loses: 'pixels are freed while a codec reads them',
    tests: ['test/unit/imaging/pixel-scope.test.ts'],
  },
  {
    file: 'lambda/imaging/encode/placeholder.ts',
    from: 'scaled(image, ',
    to: 'scaled(whole, ',
    loses: 'a placeholder has the distorted shape of fill',
    tests: ['test/unit/imaging/encode/placeholder.test.ts'],
  },
  {
    file: 'lambda/api/endpoints/create-image.ts',
    from: '  requirePlainBody(call.request);\n',
    to: '',
    loses: 'a compressed body is accepted as an image',
    tests: ['test/unit/api/body-digest.test.ts'],
  },
];
