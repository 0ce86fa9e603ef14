/** How each client is made: it gives up within seconds, so that a service that is not there costs no minutes. */
export interface ClientOptions {
  region: string;
}

/** Milliseconds. Without it a network that drops everything is waited for as long as the system likes: minutes. */
export const connectionTimeout = 3_000;

export function clientConfig({ region }: ClientOptions) {
  return {
    region,
    maxAttempts: 3,
    requestHandler: { connectionTimeout, requestTimeout: 15_000, throwOnRequestTimeout: true },
  };
}

/** All that a paginator gives. */
export async function allOf<Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => Item[] | undefined,
): Promise<Item[]> {
  const all: Item[] = [];
  for await (const page of pages) all.push(...(items(page) ?? []));
  return all;
}
