import type { PlaceholderHash } from './image.ts';
import type { Plans } from './plan.ts';
import type { Preset } from './preset.ts';
import type { Watermark } from './watermark.ts';

/** Limits on every decode (I12). Bytes in bytes, pixels in pixels, sides in pixels. */
export interface Limits {
  maxBytes: number;
  maxPixels: number;
  maxPixelsJpeg: number;
  maxSide: number;
  maxScans: number;
  maxPages: number;
  /** Frames × pixels of an animation, decoded or encoded. */
  maxFramePixels: number;
  /** Largest embedded ICC profile, in bytes. */
  maxProfileBytes: number;
  /** Wall clock of one decode in the child process, in milliseconds. */
  decodeTimeoutMs: number;
}

/**
 * The functions' part of the configuration, written by the build as `settings.json` next to the bundle: a changed preset
 * is a new version of the function, and the 4 KB limit of its environment does not apply. Paths are relative to it.
 */
export interface Settings {
  presets: Record<string, Preset>;
  watermarks: Record<string, Watermark>;
  limits: Limits;
  /** Optional input types. JPEG, PNG, WebP and GIF are always accepted. */
  inputs: { tiff: boolean; avif: boolean };
  placeholder: PlaceholderHash | 'none';
  uploads: {
    /** Lifetime of a presigned POST in seconds. */
    ticketSeconds: number;
    /** Largest body that `POST /v1/images` accepts, in bytes. */
    maxDirectBytes: number;
    /** Lifetime of the presigned GET of a variant, in seconds. */
    downloadSeconds: number;
  };
  admission: {
    /** The longest that an admitted image should wait, in seconds. */
    maxBacklogSeconds: number;
    /** Ordinary photographs a second that the workers can do, until their pace is measured. */
    priorPerSecond: number;
    /** Images that can be in progress at once. */
    slots: number;
  };
  /** Plans of the configuration; operators may override them in the database. */
  plans: Plans;
  process: {
    /** Images of a batch that one execution works on concurrently (fetch, decode, put overlap). */
    jobsInFlight: number;
    /** Whether a change of tenant replaces the decoder. */
    decoderPerTenant: boolean;
    /** Counted failures after which an image ends as `failed`. */
    maxAttempts: number;
  };
  brownOut: {
    enabled: boolean;
    /** Age of the oldest waiting work, in seconds, from which workers make only the cheapest format of each preset. */
    enterSeconds: number;
    /** The age at which they make all again. */
    leaveSeconds: number;
    /** Ready images that a sweep may complete: what the cap of workers does in the minute until the next one. */
    completionsPerSweep: number;
  };
  gateway: {
    /** Origins that may read the API's responses, as in a CORS rule of S3, or `*`. */
    origins: string[];
    /** Limit for all callers together. */
    requestsPerSecond: number;
    /** Executions of the API that may wait for a change of an image, `wait=`. */
    heldRequests: number;
  };
  webhooks: {
    /** Endpoints that a tenant may have. */
    endpointsPerTenant: number;
    /** Requests to an endpoint that may be out at once. */
    inFlightPerEndpoint: number;
    /** Days that deliveries are kept after they ended. */
    keepDays: number;
    /** Allows private addresses. Never on AWS. */
    allowPrivate: boolean;
  };
  retention: {
    /** Lifetime of an idempotency key, in seconds. */
    idempotencySeconds: number;
    /** Days for which sent events are kept. */
    eventDays: number;
    /** Days that an export and its file are kept after its end. */
    exportDays: number;
    /** Days that images are kept after their final status; absent: no limit. */
    rows: {
      expiredDays: number;
      supersededDays: number;
      rejectedDays: number;
      failedDays: number;
      readyDays?: number | undefined;
    };
  };
}
