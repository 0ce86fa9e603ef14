import { createImage } from './create-image.ts';
import { deleteImage } from './delete-image.ts';
import type { Endpoint } from './endpoint.ts';
import { getHealth } from './get-health.ts';
import { getImage } from './get-image.ts';
import { getPage, getPageFile } from './get-page.ts';
import { getPresets } from './get-presets.ts';
import { getImages } from './list-images.ts';

/** Everything that the API answers. */
export const endpoints: readonly Endpoint[] = [
  createImage,
  getImages,
  getImage,
  deleteImage,
  getPresets,
  getHealth,
  getPage,
  getPageFile,
];
