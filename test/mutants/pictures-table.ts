import type { Row } from './table.ts';

/** The same of what tells untidy pictures from damaged ones. */
export const picturesTable: readonly Row[] = [
  {
    file: 'lambda/imaging/decode/pixels.ts',
    from: ': unnoticed(warnings);',
    to: ': undefined;',
    loses: 'damage in the last rows of a JPEG ends as ready',
    tests: ['test/unit/imaging/inspect/untidy-jpeg.test.ts'],
  },
  {
    file: 'lambda/imaging/decode/pixels.ts',
    from: 'warnings.find((text) => !isUntidyTag(text))',
    to: 'undefined',
    loses: 'an odd tag of a TIFF hides the damage of its strips',
    tests: ['test/unit/imaging/inspect/untidy-tiff.test.ts'],
  },
  {
    file: 'lambda/imaging/inspect/jpeg-tidy.ts',
    from: 'last.marker !== marker.startOfScan && segment.begin > last.end',
    to: 'segment.begin > last.end',
    loses: 'the data of a scan count as stray bytes',
    tests: ['test/unit/imaging/inspect/untidy-jpeg.test.ts'],
  },
  {
    file: 'lambda/imaging/inspect/tiff-page.ts',
    from: '(kind) => kind > 0',
    to: '() => true',
    loses: 'a mask that somebody kept makes holes in the picture',
    tests: ['test/unit/imaging/inspect/tiff-kinds.test.ts'],
  },
  {
    file: 'lambda/imaging/inspect/png-inflated.ts',
    from: 'return lengthUntilDamage(deflated);',
    to: 'return 0;',
    loses: 'damaged texts of a PNG are inflated without end',
    tests: ['test/unit/imaging/inspect/png-ancillary.test.ts'],
  },
];
