import { codecs } from '../codecs.ts';
import { rareKind } from '../inspect/damage.ts';
import type { Inspected } from '../inspect/inspect.ts';
import { tidied } from '../inspect/jpeg-tidy.ts';
import { fieldsOfTiff, tag } from '../inspect/tiff-tags.ts';
import { PixelScope } from '../pixel-scope.ts';
import { type FailOn, readPixels } from './pixels.ts';

const jpeg = 7;
/** Tables of quantisation and codes take some 600 bytes. */
const mostTableBytes = 65_535;
/** Half a millisecond each. The largest image has 2,442 tiles of 128 × 128 pixels; smaller tiles are not in use. */
const mostTiles = 5000;
/** Shrunk to an eighth while reading, a tile takes half the time: the codec reads all codes but makes few pixels. */
const shrink = 8;
const largeTile = 256;

/**
 * Reads each JPEG tile of a TIFF once more on its own: libvips decodes them with a libjpeg of its own and drops its
 * warnings (8.18, `rtiff_decompress_jpeg`), so that damaged tiles came out grey or scrambled. JPEG strips are read by
 * libtiff, which reports them.
 * @throws Rejection corrupt_image, also where they are too many
 */
export async function checkJpegTiles(
  tiff: Uint8Array,
  inspected: Pick<Inspected, 'type' | 'maxPixels'>,
): Promise<void> {
  const { compression, tileWidth, tileHeight, tileOffsets, tileByteCounts, jpegTables } = tag;
  const tags = [compression, tileWidth, tileHeight, tileOffsets, tileByteCounts];
  const fields = fieldsOfTiff(tiff, tags, mostTiles + 1);
  const all = (id: number) => fields.get(id)?.values ?? [];
  const [width = 0, height = 0] = [all(tileWidth)[0], all(tileHeight)[0]];
  if (all(compression)[0] !== jpeg || width === 0 || height === 0) return;
  const tables = fieldsOfTiff(tiff, [jpegTables], mostTableBytes).get(jpegTables)?.values ?? [];
  // Both start with a start of image, and the tables end with an end of image.
  const shared = Uint8Array.from(tables).subarray(2, -2);
  const offsets = all(tileOffsets);
  if (offsets.length > mostTiles) throw rareKind('tiff', `it has more than ${mostTiles} tiles of JPEG`);
  const size = [Math.ceil(width / shrink), Math.ceil(height / shrink)] as const;
  for (const [index, offset] of offsets.entries()) {
    const own = tiff.subarray(offset, offset + (all(tileByteCounts)[index] ?? 0));
    if (own.length === 0) continue;
    const tile = tidied(Buffer.concat([own.subarray(0, 2), shared, own.subarray(2)]));
    const open = (failOn: FailOn) => {
      const whole = codecs(tile, { failOn, limitInputPixels: inspected.maxPixels }).raw();
      return width < largeTile ? whole : whole.resize(...size, { fit: 'fill' });
    };
    using pixels = new PixelScope();
    pixels.own(await readPixels(open, inspected));
  }
}
