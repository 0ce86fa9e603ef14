import { type PathVariable, pathOf, type RouteName, routes } from '../lambda/domain/routes.ts';

/** The API fields that this page reads; docs/openapi.json has all. */
export interface Picture {
  id: string;
  status:
    | 'awaiting_upload'
    | 'queued'
    | 'processing'
    | 'ready'
    | 'rejected'
    | 'failed'
    | 'expired'
    | 'superseded';
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
export interface UsageRow {
  type: string;
  preset?: string;
  images: number;
  variants: number;
  bytes: number;
  megapixels: number;
}
export interface Form {
  url: string;
  fields: Record<string, string>;
}
export interface Ticket {
  id: string;
  upload?: Form;
}

/** The state of images, those that do not exist, and the seconds until the next look. */
export interface Answer {
  pictures: Picture[];
  missing: string[];
  retryAfter: number;
}

/** An error response with its `detail`, and the seconds of its Retry-After. */
export class Refused extends Error {
  readonly status: number;
  readonly retryAfter: number | undefined;
  constructor(status: number, detail: string, retryAfter?: number) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Calls of one tenant. */
export function openApi(key: string) {
  async function call<Name extends RouteName>(
    route: Name,
    values: Record<PathVariable<Name>, string>,
    { query = '', ...init }: RequestInit & { query?: string } = {},
  ): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${key}`);
    const { method } = routes[route];
    const response = await fetch(relative(pathOf(route, values)) + query, { ...init, method, headers }).catch(
      () => {
        throw new Refused(0, 'The server is unreachable.', 3);
      },
    );
    if (!response.ok) throw await refusal(response);
    return response;
  }
  return {
    async list(cursor?: string): Promise<{ images: Picture[]; nextCursor?: string | null }> {
      const query = new URLSearchParams({ limit: '12', ...(cursor === undefined ? {} : { cursor }) });
      return (await call('listImages', {}, { query: `?${query}` })).json();
    },
    /** All rows of the day (UTC). */
    async usageToday(): Promise<UsageRow[]> {
      const from = new Date().toISOString().slice(0, 10);
      const rows: UsageRow[] = [];
      let cursor: string | null | undefined;
      do {
        const query = new URLSearchParams({ from, limit: '100', ...(cursor ? { cursor } : {}) });
        const response = await call('getUsage', {}, { query: `?${query}` });
        const page: { usage: UsageRow[]; nextCursor: string | null } = await response.json();
        rows.push(...page.usage);
        cursor = page.nextCursor;
      } while (cursor);
      return rows;
    },
    /** One image alone, whose file the API looks for in the bucket, or up to 100 in one request. */
    async look([id = '', ...others]: string[]): Promise<Answer> {
      const ids = [id, ...others];
      const query = `?${new URLSearchParams({ ids: ids.join(','), include: 'variants' })}`;
      const response =
        others.length === 0
          ? await call('getImage', { id }).catch((error: unknown) => {
              if (error instanceof Refused && error.status === 404) return undefined;
              throw error;
            })
          : await call('listImages', {}, { query });
      if (response === undefined) return { pictures: [], missing: ids, retryAfter: 0 };
      const body: Picture & { images?: Picture[]; missing?: string[] } = await response.json();
      const { images = [body], missing = [] } = body;
      return { pictures: images, missing, retryAfter: secondsIn(response) ?? 2 };
    },
    async ticket(file: File, idempotencyKey: string): Promise<{ ticket: Ticket; retryAfter?: number }> {
      const body = JSON.stringify({
        contentType: file.type || 'application/octet-stream',
        bytes: file.size,
        metadata: { name: file.name.slice(0, 200).toWellFormed() },
      });
      const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
      const response = await call('createImage', {}, { body, headers });
      const retryAfter = secondsIn(response);
      return { ticket: await response.json(), ...(retryAfter === undefined ? {} : { retryAfter }) };
    },
    async remove(id: string): Promise<void> {
      await call('deleteImage', { id });
    },
  };
}
/** Relative to the page, because a deployment has a stage before it. */
export const relative = (path: string) => path.slice(1);

export type Api = ReturnType<typeof openApi>;

/** Retry-After in seconds. */
function secondsIn({ headers }: Response): number | undefined {
  const seconds = headers.get('retry-after');
  return seconds !== null && /^\d+$/.test(seconds) ? Number(seconds) : undefined;
}

async function refusal(response: Response): Promise<Refused> {
  const problem: { title?: string; detail?: string; errors?: { path: string; detail: string }[] } =
    await response.json().catch(() => ({}));
  const detail = [problem.detail ?? problem.title ?? `The server responded with status ${response.status}.`]
    .concat(problem.errors?.map(({ path, detail: text }) => `${path}: ${text}`) ?? [])
    .join(' ');
  return new Refused(response.status, detail, secondsIn(response));
}
