import type { RouteName } from '../../domain/routes.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { createImage } from './create-image.ts';
import { createTickets } from './create-tickets.ts';
import { deleteImage } from './delete-image.ts';
import { editImage } from './edit-image.ts';
import { exportImages } from './export-images.ts';
import { createExport } from './exports/create-export.ts';
import { deleteExport } from './exports/delete-export.ts';
import { getExport } from './exports/get-export.ts';
import { getHealth } from './get-health.ts';
import { getImage } from './get-image.ts';
import { getPage, getPageFile } from './get-page.ts';
import { getPresets } from './get-presets.ts';
import { getImages } from './list-images.ts';

/** The handler of each route; a missing one does not compile. */
export const endpoints: { readonly [Name in RouteName]: Endpoint<Name> } = {
  createImage,
  createTickets,
  listImages: getImages,
  getImage,
  editImage,
  deleteImage,
  exportImages,
  createExport,
  getExport,
  deleteExport,
  listPresets: getPresets,
  health: getHealth,
  page: getPage,
  pageFile: getPageFile,
};
