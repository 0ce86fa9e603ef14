import type { Row } from './table.ts';

/** Rows about distinguishing untidy images from damaged ones. */
export const picturesTable: readonly Row[] = [
  {
    file: 'lambda/imaging/decode/pixels.ts',
    from: ': unnoticed(warnings);',
    to: ': undefined;',
    loses: 'a JPEG with damage in its last rows becomes ready',
    tests: ['test/unit/imaging/inspect/untidy-jpeg.test.ts'],
  },
  {
    file: 'lambda/imaging/decode/pixels.ts',
    from: 'warnings.find((text) => !isUntidyTag(text))',
    to: 'undefined',
    loses: 'an odd tag of a TIFF hides damage in its strips',
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
    loses: "an editor's mask makes holes in the image",
    tests: ['test/unit/imaging/inspect/tiff-kinds.test.ts'],
  },
  {
    file: 'lambda/imaging/inspect/png-inflated.ts',
    from: 'return lengthUntilDamage(deflated);',
    to: 'return 0;',
    loses: 'damaged texts of a PNG are inflated without a limit',
    tests: ['test/unit/imaging/inspect/png-ancillary.test.ts'],
  },
];
