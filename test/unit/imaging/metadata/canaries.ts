import sharp from 'sharp';
import { draw, type Pixels, quartered } from '../fixtures.ts';
import {
  animatedWebp,
  ascii,
  box,
  chunk,
  compressedText,
  extendedHeader,
  gifApplication,
  gifComment,
  gifPlainText,
  gifWith,
  internationalText,
  jpegWith,
  latin1,
  pageTags,
  photoshop,
  pngWith,
  profileChunk,
  riff,
  riffChunk,
  riffChunks,
  segment,
  textChunk,
  tiffFile,
  undefinedTag,
  webpFlag,
} from '../inspect/containers.ts';
import { canary, exif, newsRoom, profile, xmp } from './canary-blocks.ts';

const [width, height] = [48, 32];
const picture: Pixels = quartered(width, height);
const image = draw(picture);
const trailing = (place: string) => latin1(canary(place));

async function jpegFile(): Promise<Buffer> {
  const plain = await image.clone().jpeg().toBuffer();
  const icc = await profile('jpeg-icc');
  const second = jpegWith(
    await draw(quartered(20, 14)).jpeg().toBuffer(),
    segment(0xfe, latin1(canary('jpeg-mpf-comment'))),
  );
  const resources = photoshop({
    1028: newsRoom('jpeg-iptc'),
    1036: latin1(canary('jpeg-8bim-thumbnail')),
    1011: latin1(canary('jpeg-8bim')),
  });
  const extended = Buffer.concat([
    latin1(`http://ns.adobe.com/xmp/extension/\0${'0'.repeat(32)}`),
    Buffer.from([0, 0, 1, 0, 0, 0, 0, 0]),
    latin1(canary('jpeg-xmp-extension')),
  ]);
  return Buffer.concat([
    jpegWith(
      plain,
      segment(0xe0, latin1(`JFXX\0\x10${canary('jpeg-jfxx')}`)),
      segment(0xe1, Buffer.concat([latin1('Exif\0\0'), await exif('jpeg-exif')])),
      segment(0xe1, Buffer.concat([latin1('http://ns.adobe.com/xap/1.0/\0'), xmp('jpeg-xmp')])),
      segment(0xe1, extended),
      segment(0xe2, Buffer.concat([latin1('ICC_PROFILE\0\x01\x01'), icc])),
      segment(0xe2, latin1(`MPF\0II*\0${canary('jpeg-mpf')}`)),
      segment(0xe7, latin1(canary('jpeg-app7'))),
      segment(0xeb, latin1(canary('jpeg-app11'))),
      segment(0xed, Buffer.concat([latin1('Photoshop 3.0\0'), resources])),
      segment(0xef, latin1(canary('jpeg-app15'))),
      segment(0xfe, latin1(canary('jpeg-comment'))),
    ),
    second,
    trailing('jpeg-trailing'),
  ]);
}

async function pngFile(): Promise<Buffer> {
  const plain = await image.clone().png().toBuffer();
  const rawProfile = `\nexif\n${canary('x').length}\n${latin1(canary('png-raw-profile')).toString('hex')}\n`;
  const file = pngWith(
    plain,
    profileChunk('CANARY-png-icc-name', await profile('png-icc')),
    chunk('eXIf', await exif('png-exif')),
    textChunk('Comment', canary('png-text')),
    textChunk('Raw profile type exif', rawProfile),
    textChunk('CANARY-png-keyword', 'x'),
    compressedText('Description', latin1(canary('png-ztxt'))),
    internationalText('Title', Buffer.from(canary('png-itxt')), false),
    internationalText('Author', Buffer.from(canary('png-itxt-z')), true),
    internationalText('XML:com.adobe.xmp', xmp('png-xmp'), false),
    chunk('prVt', latin1(canary('png-private'))),
    chunk('tIME', Buffer.from([7, 234, 1, 1, 0, 0, 0])),
  );
  const end = file.length - 12;
  return Buffer.concat([
    file.subarray(0, end),
    textChunk('Late', canary('png-late')),
    file.subarray(end),
    trailing('png-trailing'),
  ]);
}

async function webpMetadata(place: string): Promise<Buffer[]> {
  return [
    riffChunk('EXIF', await exif(`${place}-exif`)),
    riffChunk('XMP ', xmp(`${place}-xmp`)),
    riffChunk('CNRY', latin1(canary(`${place}-unknown`))),
  ];
}

async function webpFile(): Promise<Buffer> {
  const pixels = riffChunks(await image.clone().webp().toBuffer()).map(({ bytes }) => bytes);
  const file = riff(
    extendedHeader(width, height, webpFlag.icc | webpFlag.exif | webpFlag.xmp),
    riffChunk('ICCP', await profile('webp-icc')),
    ...pixels,
    ...(await webpMetadata('webp')),
  );
  return Buffer.concat([file, trailing('webp-trailing')]);
}

async function animatedWebpFile(): Promise<Buffer> {
  const other = await draw({ ...picture, data: Buffer.from(picture.data.map((value) => 255 - value)) })
    .webp()
    .toBuffer();
  const still = await image.clone().webp().toBuffer();
  const [, anim, first] = riffChunks(animatedWebp(still, picture, 1));
  const [, , second] = riffChunks(animatedWebp(other, picture, 1));
  const file = riff(
    extendedHeader(width, height, webpFlag.animation | webpFlag.icc | webpFlag.exif | webpFlag.xmp),
    riffChunk('ICCP', await profile('animated-webp-icc')),
    ...[anim, first, second].map((part) => part?.bytes ?? Buffer.alloc(0)),
    ...(await webpMetadata('animated-webp')),
  );
  return Buffer.concat([file, trailing('animated-webp-trailing')]);
}

async function gifFile(): Promise<Buffer> {
  const frames = await Promise.all([
    image.clone().png().toBuffer(),
    draw({ ...picture, data: Buffer.from(picture.data.map((value) => 255 - value)) })
      .png()
      .toBuffer(),
  ]);
  const plain = await sharp(frames, { join: { animated: true } })
    .gif({ delay: [70, 90] })
    .toBuffer();
  return gifWith(
    plain,
    [
      gifComment(canary('gif-comment')),
      gifApplication('XMP DataXMP', xmp('gif-xmp')),
      gifApplication('ICCRGBG1012', await profile('gif-icc')),
      gifApplication('CANARY-gif-', latin1(canary('gif-application'))),
      gifPlainText(canary('gif-plain-text')),
    ],
    trailing('gif-trailing'),
  );
}

async function tiffFileWithAll(): Promise<Buffer> {
  const { data } = picture;
  const of = (part: string) => canary(`tiff-${part}`);
  const lead = Buffer.concat([data, quartered(8, 8).data]);
  const file = tiffFile({
    lead,
    chain: [
      [
        ...pageTags(width, height, 8),
        ascii(0x010d, of('document-name')),
        ascii(0x010e, of('description')),
        ascii(0x010f, of('make')),
        ascii(0x0131, of('software')),
        ascii(0x013b, of('artist')),
        ascii(0x013c, of('host')),
        ascii(0x8298, of('copyright')),
        { id: 700, type: 1, data: xmp('tiff-xmp') },
        undefinedTag(33_723, newsRoom('tiff-iptc')),
        {
          id: 34_377,
          type: 1,
          data: photoshop({ 1028: newsRoom('tiff-photoshop'), 1011: latin1(of('8bim')) }),
        },
        undefinedTag(34_675, await profile('tiff-icc')),
      ],
      [...pageTags(8, 8, 8 + data.length), ascii(0x010e, of('second-page'))],
    ],
    children: { 34665: [undefinedTag(0x927c, latin1(of('maker-note')))], 34853: [ascii(0x0012, of('gps'))] },
  });
  return Buffer.concat([file, trailing('tiff-trailing')]);
}

async function avifFile(): Promise<Buffer> {
  const file = await image
    .clone()
    .withExif({
      IFD0: { ImageDescription: canary('avif-exif-description'), Copyright: canary('avif-exif-copyright') },
      IFD3: { GPSMapDatum: canary('avif-exif-gps') },
    })
    .withXmp(xmp('avif-xmp').toString())
    .avif({ effort: 0 })
    .toBuffer();
  const boxes = ['free', 'skip', 'CNRY'].map((name) => box(name, latin1(canary(`avif-box-${name}`))));
  return Buffer.concat([file, ...boxes, trailing('avif-trailing')]);
}

/** A file of each type with a canary in every place for data other than pixels. */
export async function plantedFiles(): Promise<Record<string, Buffer>> {
  return {
    jpeg: await jpegFile(),
    png: await pngFile(),
    webp: await webpFile(),
    'animated webp': await animatedWebpFile(),
    gif: await gifFile(),
    tiff: await tiffFileWithAll(),
    avif: await avifFile(),
  };
}
