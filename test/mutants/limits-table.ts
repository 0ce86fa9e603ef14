import type { Row } from './table.ts';

/** The same of limits: what they hold, and what they do not refuse. */
export const limitsTable: readonly Row[] = [
  {
    file: 'lambda/imaging/recipe.ts',
    from: 'keepsAnimation(preset, type) && isHeld(animation, [original, shape.canvas], limits)',
    to: 'keepsAnimation(preset, type)',
    loses: 'an animation of any size is held in memory',
    tests: ['test/unit/imaging/inspect/page-limits.test.ts'],
  },
  {
    file: 'lambda/imaging/recipe.ts',
    from: '[original, shape.canvas]',
    to: '[original]',
    loses: 'an animation that a preset enlarges is held in memory',
    tests: ['test/unit/imaging/inspect/page-limits.test.ts'],
  },
  {
    file: 'lambda/imaging/shape/crop.ts',
    from: 'Math.min(enlarged - length, Math.round(at - from * scale))',
    to: '0',
    loses: 'an enlarged part lies some pixels off',
    tests: ['test/unit/imaging/shape/fits.test.ts'],
  },
  {
    file: 'lambda/imaging/codecs.ts',
    from: 'reading(sharp(data, { raw, limitInputPixels: false }), data)',
    to: 'sharp(data, { raw, limitInputPixels: false })',
    loses: 'pixels are freed under a codec that reads them',
    tests: ['test/unit/imaging/pixel-scope.test.ts'],
  },
  {
    file: 'lambda/imaging/encode/placeholder.ts',
    from: 'scaled(image, ',
    to: 'scaled(whole, ',
    loses: 'a placeholder has the shape that fill made',
    tests: ['test/unit/imaging/encode/placeholder.test.ts'],
  },
  {
    file: 'lambda/api/create-image.ts',
    from: '  requirePlainBody(call.request);\n',
    to: '',
    loses: 'a compressed body is taken for an image',
    tests: ['test/unit/api/body-digest.test.ts'],
  },
];
