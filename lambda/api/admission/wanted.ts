import { createHash } from 'node:crypto';
import type { Settings } from '../../domain/settings.ts';
import type { AdmissionRequest } from '../../policy/admission/backlog-view.ts';
import { workOf } from '../../policy/admission/work.ts';
import type { NewImage } from '../../postgres/images/tickets.ts';
import type { TenantCall } from '../http/endpoint.ts';

/** A new image, with what admission needs to know of it. */
export interface WantedImage extends NewImage {
  work: number;
  /** Refused first and admitted last. */
  bulk: boolean;
}

/** Of an image, without its tenant's plan: bulk if the request says so, or else if all its presets are. */
export function costs(
  settings: Pick<Settings, 'presets'>,
  {
    bytes,
    presets,
    priority,
  }: {
    bytes: number;
    presets: readonly string[];
    priority: 'normal' | 'bulk' | undefined;
  },
): Pick<WantedImage, 'work' | 'bulk'> {
  const wanted = presets.flatMap((name) => settings.presets[name] ?? []);
  return {
    work: workOf(bytes, wanted),
    bulk: priority === undefined ? wanted.every((preset) => preset.priority === 'bulk') : priority === 'bulk',
  };
}

/**
 * What the policy decides on. A request is recognised when it returns, by its Idempotency-Key or else by its image: those
 * of one tenant that look the same take turns.
 */
export function admissionRequest(
  { tenant, parts }: TenantCall,
  image: WantedImage,
  key: string | undefined,
): AdmissionRequest {
  const { weight, maxUnusedTickets, priority } = parts.quotas.planOf(tenant);
  const { contentType, bytes, sha256, presets, metadata, replaces, work, bulk } = image;
  return {
    tenant,
    work,
    bulk: bulk || priority === 'bulk',
    weight,
    maxUnusedTickets,
    keyed: key !== undefined,
    digest: () =>
      createHash('sha256')
        .update(key ?? JSON.stringify([contentType, bytes, sha256, presets, metadata, replaces]))
        .digest()
        .toString('latin1', 0, 8),
  };
}
