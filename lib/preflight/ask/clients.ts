/** How each client is made: it gives up within seconds, so that a service that is not there costs no minutes. */
export interface ClientOptions {
  region: string;
}

export function clientConfig({ region }: ClientOptions) {
  return {
    region,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
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
