import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { endpoints } from '../../../lambda/api/endpoints.ts';
import { openApiDocument } from '../../../lambda/api/openapi.ts';
import { operations } from '../../../lambda/api/operations.ts';
import { problems } from '../../../lambda/api/problem.ts';
import { routes } from '../../../lib/functions/routes.ts';

const file = join(import.meta.dirname, '../../../docs/openapi.json');

describe('the OpenAPI document', () => {
  it('in docs/ is the one that the code makes (npm run openapi)', () => {
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
  });

  it('has every endpoint, with its need of a key, and no other', () => {
    const routed = endpoints.map(({ method, path, access }) => [`${method} ${path}`, access === 'open']);
    const documented = Object.entries(operations).map(([route, { open }]) => [route, open === true]);
    expect(documented.sort()).toEqual(routed.sort());
  });

  it('and the endpoints are those that API Gateway lets through', () => {
    const named = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;
    expect(endpoints.map(named).sort()).toEqual(routes.map(named).sort());
  });

  it('names every problem that can be answered', () => {
    const named = new Set(Object.values(operations).flatMap((operation) => operation.problems));
    // What the router answers belongs to no operation.
    const missing = Object.keys(problems).filter((code) => !named.has(code as keyof typeof problems));
    expect(missing).toEqual(['method_not_allowed']);
  });

  it('refers to no schema that is not there', () => {
    const document = openApiDocument() as { components: { schemas: Record<string, unknown> } };
    const names = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) expect(document.components.schemas).toHaveProperty(name ?? '');
  });
});
