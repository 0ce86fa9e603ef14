import type { Settings } from '../../lambda/domain/settings.ts';
import type { Watermark } from '../../lambda/domain/watermark.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { imageSecondsOnLambda } from '../rules/measured.ts';

/** The functions' part of the configuration; `watermarks` has paths inside the function's folder. */
export function settingsOf(config: ResolvedConfig, watermarks: Record<string, Watermark>): Settings {
  const { api, presets, limits, inputs, placeholder, uploads, admission, plans, process } = config;
  const { brownOut, webhooks, events, retention, deploy } = config;
  const { enabled, enterSeconds = admission.maxBacklogAge / 2 } = brownOut;
  return {
    presets,
    watermarks,
    limits,
    inputs,
    placeholder,
    uploads,
    admission: {
      maxBacklogSeconds: admission.maxBacklogAge,
      priorPerSecond: process.maxConcurrency / imageSecondsOnLambda,
      slots: process.maxConcurrency * process.batchSize,
    },
    plans,
    process: {
      jobsInFlight: process.jobsInFlight,
      decoderPerTenant: process.decoderPerTenant,
      maxAttempts: process.maxAttempts,
    },
    brownOut: {
      enabled,
      enterSeconds,
      leaveSeconds: Math.min(brownOut.leaveSeconds ?? enterSeconds / 2, enterSeconds),
      completionsPerSweep: Math.floor((process.maxConcurrency * 60) / imageSecondsOnLambda),
    },
    gateway: {
      origins: deploy.origins,
      requestsPerSecond: deploy.requestsPerSecond,
      // A tenth: the others serve requests that need no waiting.
      heldRequests: Math.floor(api.maxConcurrency / 10),
    },
    webhooks: {
      endpointsPerTenant: webhooks.endpointsPerTenant,
      inFlightPerEndpoint: webhooks.inFlightPerEndpoint,
      keepDays: webhooks.keepDays,
      allowPrivate: webhooks.allowPrivate,
    },
    retention: {
      idempotencySeconds: retention.idempotencySeconds,
      eventDays: events.keepDays,
      exportDays: retention.exportDays,
      rows: retention.rows,
    },
  };
}
