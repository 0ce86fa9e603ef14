import type { RenderedImage } from '../../../lambda/imaging/rendered-image.ts';
import { smallPhoto } from '../../support/pictures.ts';
import type { TestWorker } from './test-worker.ts';

/** A photograph and what the worker's sandbox makes of it, for lanes that decode nothing. */
export async function decodedPhoto({ lane }: TestWorker): Promise<{ photo: Buffer; decoded: RenderedImage }> {
  const photo = await smallPhoto(1);
  const order = { bytes: photo, presetNames: ['small'], tenant: 'alpha', year: 2026 };
  return { photo, decoded: await lane.decode(order, { timeoutMs: 60_000 }) };
}
