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
import { getImageEvents } from './get-image-events.ts';
import { getPage, getPageFile } from './get-page.ts';
import { getPresets } from './get-presets.ts';
import { getUsage } from './get-usage.ts';
import { getImages } from './list-images.ts';
import { createWebhook } from './webhooks/create-webhook.ts';
import { deleteWebhook } from './webhooks/delete-webhook.ts';
import { listDeliveries, replayDead, replayDelivery } from './webhooks/deliveries.ts';
import { editWebhook } from './webhooks/edit-webhook.ts';
import { getWebhook, listWebhooks } from './webhooks/read-webhooks.ts';
import { resumeWebhook } from './webhooks/resume-webhook.ts';
import { rotateWebhook } from './webhooks/rotate-webhook.ts';
import { testWebhook } from './webhooks/test-webhook.ts';

/** The handler of each route; a missing one does not compile. */
export const endpoints: { readonly [Name in RouteName]: Endpoint<Name> } = {
  createImage,
  createTickets,
  listImages: getImages,
  getImage,
  editImage,
  deleteImage,
  getImageEvents,
  exportImages,
  createWebhook,
  listWebhooks,
  getWebhook,
  editWebhook,
  deleteWebhook,
  testWebhook,
  rotateWebhook,
  resumeWebhook,
  replayDead,
  listDeliveries,
  replayDelivery,
  createExport,
  getExport,
  deleteExport,
  getUsage,
  listPresets: getPresets,
  health: getHealth,
  page: getPage,
  pageFile: getPageFile,
};
