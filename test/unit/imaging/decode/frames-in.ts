import sharp from 'sharp';

/** Each frame of an animated WebP, decoded by the library that browsers use. */
export async function framesIn(bytes: Buffer) {
  const { pages = 1 } = await sharp(bytes).metadata();
  return Promise.all(
    Array.from({ length: pages }, async (_, page) => {
      const { data, info } = await sharp(bytes, { page }).raw().toBuffer({ resolveWithObject: true });
      return { data, width: info.width, height: info.height, channels: info.channels as 3 | 4 };
    }),
  );
}
