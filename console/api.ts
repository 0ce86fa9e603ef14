/** The API fields that this page reads; docs/openapi.json has all. */
export interface Picture {
  id: string;
  status: 'awaiting_upload' | 'queued' | 'processing' | 'ready' | 'rejected' | 'failed' | 'expired';
  createdAt: string;
  original?: {
    contentType?: string | null;
    bytes?: number | null;
    width?: number | null;
    height?: number | null;
    frames?: number | null;
  };
  placeholder?: { color: string } | null;
  variants?: { preset: string; format: string; width: number; height: number; bytes: number; url: string }[];
  metadata?: Record<string, string>;
  error?: { code: string; detail: string } | null;
}
export interface Form {
  url: string;
  fields: Record<string, string>;
}
export interface Ticket {
  id: string;
  upload?: Form;
}

/** An answer that is an error: `detail` in words, and how long to wait where the server said so (seconds). */
export class Refused extends Error {
  readonly status: number;
  readonly retryAfter: number | undefined;
  constructor(status: number, detail: string, retryAfter?: number) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Calls of one tenant. Paths are relative to the page, because on AWS it lies under a stage. */
export function openApi(key: string) {
  async function call(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${key}`);
    const response = await fetch(path, { ...init, method, headers }).catch(() => {
      throw new Refused(0, 'The server cannot be reached.', 3);
    });
    if (!response.ok) throw await refusal(response);
    return response;
  }
  return {
    async list(cursor?: string): Promise<{ images: Picture[]; nextCursor?: string | null }> {
      const query = new URLSearchParams({ limit: '12', ...(cursor === undefined ? {} : { cursor }) });
      return (await call('GET', `v1/images?${query}`)).json();
    },
    async get(id: string): Promise<{ picture: Picture; retryAfter: number }> {
      const response = await call('GET', `v1/images/${id}`);
      return { picture: await response.json(), retryAfter: Number(response.headers.get('retry-after') ?? 2) };
    },
    async ticket(file: File, idempotencyKey: string): Promise<Ticket> {
      const body = JSON.stringify({
        contentType: file.type || 'application/octet-stream',
        bytes: file.size,
        metadata: { name: file.name.slice(0, 200).toWellFormed() },
      });
      const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
      return (await call('POST', 'v1/images', { body, headers })).json();
    },
    async remove(id: string): Promise<void> {
      await call('DELETE', `v1/images/${id}`);
    },
  };
}
export type Api = ReturnType<typeof openApi>;

async function refusal(response: Response): Promise<Refused> {
  const wait = response.headers.get('retry-after');
  const problem: { title?: string; detail?: string; errors?: { path: string; detail: string }[] } =
    await response.json().catch(() => ({}));
  const detail = [problem.detail ?? problem.title ?? `The server answered ${response.status}.`]
    .concat(problem.errors?.map(({ path, detail: text }) => `${path}: ${text}`) ?? [])
    .join(' ');
  return new Refused(response.status, detail, wait === null ? undefined : Number(wait));
}
