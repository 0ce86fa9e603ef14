import type { AccountQueries } from '../account-queries.ts';

/** Options of all clients. They give up within seconds if a service is unreachable. */
export interface ClientOptions {
  region: string;
}

/** Milliseconds. Without it, a network that drops packets blocks for the system's timeout of minutes. */
export const connectionTimeout = 3_000;

export function clientConfig({ region }: ClientOptions) {
  return {
    region,
    maxAttempts: 3,
    requestHandler: { connectionTimeout, requestTimeout: 15_000, throwOnRequestTimeout: true },
  };
}

/** The queries of one service. */
export type Queries<Names extends keyof AccountQueries> = (
  options: ClientOptions,
) => Pick<AccountQueries, Names>;

/** All items of a paginator. */
export async function allOf<Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => Item[] | undefined,
): Promise<Item[]> {
  const all: Item[] = [];
  for await (const page of pages) all.push(...(items(page) ?? []));
  return all;
}
