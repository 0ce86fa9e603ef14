import type { Bucket } from '../aws/bucket.ts';
import type { Queue } from '../aws/queue.ts';
import type { Presigner } from '../aws/uploads.ts';
import type { Settings } from '../domain/settings.ts';
import type { Database } from '../postgres/connection.ts';
import type { Log } from '../runtime/logger.ts';
import type { AdmissionGate } from './admission.ts';
import type { ApiRequest } from './request.ts';
import type { ApiResponse } from './response.ts';

/** What the endpoints work with. */
export interface ApiParts {
  settings: Settings;
  database: Database;
  bucket: Pick<Bucket, 'headOriginal' | 'putOriginal'>;
  queue: Pick<Queue, 'sendJobs'>;
  presigner: Presigner;
  admission: AdmissionGate;
  log: Log;
  /** The folder with the static page. */
  consoleRoot: string;
}

/** One request on its way through an endpoint. `params` are the parts of the path in braces. */
export interface Call {
  request: ApiRequest;
  params: Readonly<Record<string, string>>;
  parts: ApiParts;
}
export interface TenantCall extends Call {
  tenant: string;
}

interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** As API Gateway writes it: `{name}` is one segment, `{name+}` the rest. */
  path: string;
}
/** An endpoint: open ones need no API key. */
export type Endpoint = Route &
  (
    | { access: 'open'; handle(call: Call): Promise<ApiResponse> }
    | { access: 'key'; handle(call: TenantCall): Promise<ApiResponse> }
  );
