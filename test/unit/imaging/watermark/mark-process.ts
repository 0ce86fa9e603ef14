import { createHash } from 'node:crypto';
import { Watermarks } from '../../../../lambda/imaging/watermark/watermark.ts';
import { watermarkOf } from '../../../support/recipes.ts';

/*
 * Draws the text of its argument on a grey ground and prints a digest of the pixels, or the error. font.test.ts varies
 * its environment.
 */
const ground = { data: Buffer.alloc(200 * 80 * 3, 90), width: 200, height: 80, channels: 3 } as const;
const mark = watermarkOf({ type: 'text', text: process.argv[2] ?? '', scale: 0.8, gravity: 'center' });
try {
  const { data } = await new Watermarks({ mark }, '/').over(ground, ['mark'], { tenant: 'acme', year: 2026 });
  process.stdout.write(createHash('sha256').update(data).digest('hex'));
} catch (error) {
  process.stdout.write(`failed: ${String(error)}`);
}
