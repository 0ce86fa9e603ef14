import type * as z from 'zod';
import type { ProblemCode } from '../../domain/problems.ts';
import type { Settings } from '../../domain/settings.ts';
import type { RequestHeader } from '../schemas/requests.ts';
import type { ResponseHeader } from './response-headers.ts';

interface SuccessResponse {
  description: string;
  schema?: string;
  type?: string;
  headers?: readonly ResponseHeader[];
}

/** OpenAPI properties of a route beyond its schemas. */
export interface Operation {
  summary: string;
  description?: string;
  query?: (settings: Pick<Settings, 'presets'>) => z.ZodObject;
  headers?: readonly RequestHeader[];
  takesImage?: boolean;
  /** The schema of a JSON body. */
  takes?: string;
  /** Its content types; default: JSON alone. */
  takesTypes?: readonly string[];
  responses: Record<number, SuccessResponse>;
  problems: readonly ProblemCode[];
}

export const everywhere = ['method_not_allowed', 'throttled', 'internal', 'unavailable'] as const;
/** Of a request with a key that counts in no quota. */
export const uncounted = ['unauthenticated', 'database_unavailable', 'database_slow', ...everywhere] as const;
export const withKey = ['counters_unavailable', 'quota_exceeded', ...uncounted] as const;
