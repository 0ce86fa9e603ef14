import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { expect } from 'vitest';
import type { ImageResponse } from '../support/client.ts';
import { cornerDifference, pixelsOf, smallPhoto } from '../support/pictures.ts';
import { behaviour } from './support/behaviour.ts';

const width = 2000;
const height = 1500;
const sides: Record<string, number> = { large: 1600, medium: 800, small: 320 };

behaviour(
  'an image in the body of a request is returned in every preset and format',
  {
    on: ['local', 'localstack', 'aws'],
    proves: 'REST API with binary bodies → queue → process with real sharp → bucket; signed URLs of variants',
  },
  async ({ client }) => {
    const photo = await smallPhoto(1, width, height);
    await expectVariants(await client.finished(await client.direct(photo)), photo);
  },
);

behaviour(
  'an upload by presigned POST becomes an event, a job and the same variants',
  {
    on: ['local', 'localstack', 'aws'],
    proves: 'presigned POST → event of the bucket → enqueue → queue → process',
  },
  async ({ client }) => {
    const photo = await smallPhoto(2, width, height);
    const ticket = await client.ticket('image/jpeg', photo.length);
    expect(ticket.status).toBe('awaiting_upload');
    expect(await client.post(ticket, photo)).toMatchObject({ status: 204 });
    await expectVariants(await client.finished(ticket.id), photo);
  },
);

behaviour(
  'a presigned POST accepts no file larger than announced, and no empty one',
  { on: ['local', 'localstack', 'aws'], proves: 'the bucket enforces the POST policy of a ticket' },
  async ({ client }) => {
    const photo = await smallPhoto(3);
    const ticket = await client.ticket('image/jpeg', 100);
    const refusals = [await client.post(ticket, photo), await client.post(ticket, new Uint8Array())];
    expect(refusals).toMatchObject([
      { status: 400, text: expect.stringContaining('EntityTooLarge') },
      { status: 400, text: expect.stringContaining('EntityTooSmall') },
    ]);
    expect((await client.get(ticket.id)).status).toBe('awaiting_upload');
  },
);

behaviour(
  'a presigned POST for a declared SHA-256 accepts the file that matches it and no other',
  {
    on: ['local', 'aws'],
    proves: 'the bucket refuses a file that was damaged in transit, and it can be sent again',
  },
  async ({ client }) => {
    const photo = await smallPhoto(5);
    const sha256 = createHash('sha256').update(photo).digest('hex');
    const ticket = await client.ticket('image/jpeg', photo.length, { sha256 });
    const damaged = Buffer.from(photo);
    damaged[photo.length - 9] = (damaged[photo.length - 9] ?? 0) ^ 1;
    expect((await client.post(ticket, damaged)).status).toBe(400);
    expect((await client.get(ticket.id)).status).toBe('awaiting_upload');
    expect((await client.post(ticket, photo)).status).toBe(204);
    expect((await client.finished(ticket.id)).status).toBe('ready');
  },
);

behaviour(
  'a presigned POST with a changed signature is refused',
  {
    on: ['local', 'aws'],
    proves: 'the signature of a POST policy is checked (LocalStack accepts any)',
  },
  async ({ client }) => {
    const photo = await smallPhoto(4);
    const ticket = await client.ticket('image/jpeg', photo.length);
    const fields = { ...ticket.upload.fields, 'X-Amz-Signature': 'ab'.repeat(32) };
    const forged = { ...ticket, upload: { ...ticket.upload, fields } };
    expect((await client.post(forged, photo)).status).toBe(403);
  },
);

behaviour(
  'a malformed JSON body gets a problem document',
  { on: ['local', 'localstack', 'aws'], proves: 'malformed requests are distinguished from internal errors' },
  async ({ client }) => {
    const headers = { 'content-type': 'application/json' };
    const response = await client.call('POST', '/v1/images', { body: '{"contentType":', headers });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ status: 400, code: 'malformed_json' });
  },
);

/** Ready, and its variants are as described: fetched by their URLs, decoded, measured, and watermarked or not. */
async function expectVariants(image: ImageResponse, original: Buffer): Promise<void> {
  expect(image).toMatchObject({ status: 'ready', original: { contentType: 'image/jpeg', width, height } });
  expect(image.variants.map(({ preset, format }) => `${preset} ${format}`).sort()).toEqual(
    ['large', 'medium', 'small'].flatMap((preset) => [`${preset} avif`, `${preset} jpeg`]).sort(),
  );
  for (const variant of image.variants) {
    const response = await fetch(variant.url);
    expect(response.status).toBe(200);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(variant.sha256);
    const side = sides[variant.preset];
    expect(await sharp(bytes).metadata()).toMatchObject({
      // As libvips names the container of AVIF.
      format: variant.format === 'avif' ? 'heif' : variant.format,
      width: side,
      height: Math.round(((side ?? 0) * height) / width),
    });
    if (variant.format === 'jpeg') await expectWatermark(bytes, original, variant.preset !== 'small');
  }
}

async function expectWatermark(variant: Buffer, original: Buffer, wanted: boolean): Promise<void> {
  const made = await pixelsOf(variant);
  const { width, height } = made;
  const plain = await pixelsOf(await sharp(original).resize({ width, height }).jpeg().toBuffer());
  // The watermark is in the south-east corner; the opposite one shows the effect of encoding alone.
  const marked = cornerDifference(made, plain, 'southeast');
  const bare = cornerDifference(made, plain, 'northwest');
  if (wanted) expect(marked).toBeGreaterThan(bare + 6);
  else expect(marked).toBeLessThan(bare + 6);
}
