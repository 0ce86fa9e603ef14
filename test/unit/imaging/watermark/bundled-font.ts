import { join, resolve } from 'node:path';

/** The folder of the bundled font, as the repository has it. */
export const fontFolder = resolve(import.meta.dirname, '../../../../lambda/imaging/watermark/font');

// Fontconfig reads it when the first text is drawn: whoever draws text in the test's own process imports this.
process.env.FONTCONFIG_FILE = join(fontFolder, 'fonts.conf');
