import type { Bucket } from '../../aws/bucket.ts';
import type { MessageQueue } from '../../aws/message-queue.ts';
import type { Nudges } from '../../aws/nudges.ts';
import type { Delivery } from '../../aws/presigned-delivery.ts';
import type { Queue } from '../../aws/queue.ts';
import type { UploadForms } from '../../aws/upload-forms.ts';
import { type ImageRef, isImageId } from '../../domain/image.ts';
import type { OpenRouteName, RouteName } from '../../domain/routes.ts';
import type { Settings } from '../../domain/settings.ts';
import type { AdmissionPolicy } from '../../policy/admission/admission.ts';
import type { Quotas } from '../../policy/quotas/quotas.ts';
import type { Database } from '../../postgres/connection/connection.ts';
import type { RemainingTime } from '../../runtime/handler.ts';
import type { Log } from '../../runtime/logger.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import { noSuchImage } from './problem.ts';
import type { ApiRequest } from './request.ts';
import type { RequestQuotas } from './request-quotas.ts';
import type { ApiResponse } from './response.ts';

/** Dependencies of the endpoints. */
export interface ApiParts {
  settings: Settings;
  database: Database;
  bucket: Pick<Bucket, 'headOriginal' | 'putOriginal'>;
  queue: Pick<Queue, 'sendJobs'>;
  /** The queue of `dispatch`. */
  deliveryResults: MessageQueue;
  nudges: Nudges;
  delivery: Delivery;
  uploadForms: UploadForms;
  admission: AdmissionPolicy;
  quotas: Quotas;
  log: Log;
  metrics: Metrics;
  /** Waits so many milliseconds. */
  pause: (milliseconds: number) => Promise<unknown>;
  /** The folder with the static page. */
  consoleRoot: string;
}

/** A request with the dependencies of its endpoint. */
export interface Call {
  request: ApiRequest;
  parts: ApiParts;
  remaining: RemainingTime;
}
export interface TenantCall extends Call {
  tenant: string;
  quotas: RequestQuotas;
}

/** The image that a request names. @throws Problem `not_found` for an id that no image has. */
export function imageRef({ tenant, request }: TenantCall): ImageRef {
  const imageId = request.params.id ?? '';
  if (!isImageId(imageId)) throw noSuchImage();
  return { tenant, imageId };
}

/** A route's handler. An open route has no tenant. */
export type Endpoint<Name extends RouteName> = (
  call: Name extends OpenRouteName ? Call : TenantCall,
) => Promise<ApiResponse>;
