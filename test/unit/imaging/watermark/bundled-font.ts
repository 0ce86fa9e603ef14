import { join, resolve } from 'node:path';

/** The folder of the bundled font in the repository. */
export const fontFolder = resolve(import.meta.dirname, '../../../../lambda/imaging/watermark/font');

// Fontconfig reads it with the first text; tests that draw text in their own process import this file.
process.env.FONTCONFIG_FILE = join(fontFolder, 'fonts.conf');
