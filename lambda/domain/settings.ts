import type { PlaceholderHash } from './image.ts';
import type { Preset } from './preset.ts';
import type { Watermark } from './watermark.ts';

/** Limits that every decode is held to (I12). Bytes in bytes, pixels in pixels, sides in pixels. */
export interface Limits {
  maxBytes: number;
  maxPixels: number;
  maxPixelsJpeg: number;
  maxSide: number;
  maxScans: number;
  maxPages: number;
  /** Frames × pixels of an animation, read or made. */
  maxFramePixels: number;
  /** Of an embedded ICC profile, in bytes. */
  maxProfileBytes: number;
  /** Wall clock of one decode in the child process, in milliseconds. */
  decodeTimeoutMs: number;
}

/**
 * The part of the configuration that the functions work by. The build writes it as `settings.json` beside the
 * bundled code, so that a changed preset is a new version of the function and the 4 KB limit of a Lambda
 * environment does not bind. Paths in it are relative to the function's folder.
 */
export interface Settings {
  presets: Record<string, Preset>;
  watermarks: Record<string, Watermark>;
  limits: Limits;
  /** Types that can be switched off or on. JPEG, PNG, WebP and GIF are always taken. */
  inputs: { tiff: boolean; avif: boolean };
  placeholder: PlaceholderHash | 'none';
  uploads: {
    /** Life of a presigned POST in seconds. */
    ticketSeconds: number;
    /** Largest body that `POST /v1/images` takes directly, in bytes. */
    maxDirectBytes: number;
    /** Life of the presigned GET of a variant, in seconds. */
    downloadSeconds: number;
  };
  admission: {
    /** Images that may wait or be in work before new tickets are refused with 503. */
    maxBacklog: number;
  };
  process: {
    /** Images of one batch in flight inside one execution (fetch, decode, put overlap). */
    jobsInFlight: number;
    /** Whether a decoder is replaced when the tenant changes. */
    decoderPerTenant: boolean;
    /** Failures that count against an image before it ends as `failed`. */
    maxAttempts: number;
  };
  gateway: {
    /** Pages that may read the API's answers: origins as in a CORS rule of S3, or `*`. */
    origins: string[];
    /** What the stage takes from everybody together. */
    requestsPerSecond: number;
  };
  retention: {
    /** An idempotency key is kept this long, in seconds. */
    idempotencySeconds: number;
    /** Days that an image is kept after it came to its end; absent for ever. */
    rows: {
      expiredDays: number;
      rejectedDays: number;
      failedDays: number;
      readyDays?: number | undefined;
    };
  };
}
