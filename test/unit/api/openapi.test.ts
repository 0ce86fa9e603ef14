import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../lambda/api/openapi/openapi.ts';
import { operations } from '../../../lambda/api/openapi/operations.ts';
import { problemMeanings } from '../../../lambda/api/openapi/problem-meanings.ts';
import { imageErrorCodes, imageErrors } from '../../../lambda/api/schemas/image-errors.ts';
import { rejectionCodes } from '../../../lambda/domain/failure.ts';
import { problems } from '../../../lambda/domain/problems.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import { describeApi } from '../../../scripts/openapi/reference.ts';
import { config } from '../../../sluice.config.ts';

const docs = join(import.meta.dirname, '../../../docs');
const read = (name: string) => readFileSync(join(docs, name), 'utf8');
interface Document {
  components: {
    schemas: Record<string, { properties: Record<string, { enum: string[]; description: string }> }>;
  };
}
interface Paths {
  paths: Record<
    string,
    Record<
      string,
      {
        operationId: string;
        security?: unknown[];
        responses: Record<string, { headers?: { RateLimit?: unknown } }>;
      }
    >
  >;
}
const document = JSON.parse(JSON.stringify(openApiDocument(resolveConfig(config)))) as Document;

describe('the OpenAPI document', () => {
  it('docs/openapi.json is what the code generates (npm run openapi)', () => {
    expect(JSON.parse(read('openapi.json'))).toEqual(document);
  });

  it('the document contains every problem that a request can get', () => {
    const named = new Set(Object.values(operations).flatMap((operation) => operation.problems));
    const missing = Object.keys(problems).filter((code) => !named.has(code as keyof typeof problems));
    expect(missing).toEqual([]);
  });

  it.each([
    ['Problem', Object.keys(problems), Object.values(problemMeanings)],
    ['ImageError', [...rejectionCodes, 'internal'], Object.values(imageErrors)],
  ])('the document lists the codes of %s with a sentence for each', (schema, codes, sentences) => {
    const code = document.components.schemas[schema]?.properties.code;
    expect(code?.enum).toEqual(codes);
    for (const sentence of sentences) {
      expect(code?.description).toContain(sentence);
      expect(sentence).toMatch(/[.]$/);
    }
  });

  it('an image can have exactly the error codes that it can end with', () => {
    const error = document.components.schemas.Image?.properties.error as unknown;
    expect(error).toMatchObject({ properties: { code: { enum: imageErrorCodes } } });
  });

  it('names the RateLimit fields of the routes that count in quotas, which are those with a key but the stream', () => {
    const all = Object.entries((document as unknown as Paths).paths).flatMap(([, methods]) =>
      Object.values(methods),
    );
    const counted = all
      .filter(({ security }) => security === undefined)
      .map(({ operationId }) => operationId);
    const named = (is: (status: string) => boolean) =>
      all
        .filter(({ responses }) =>
          Object.entries(responses).some(([status, { headers }]) => is(status) && headers?.RateLimit),
        )
        .map(({ operationId }) => operationId);
    const without = counted.filter((name) => name !== 'exportImages');
    expect(without.length).toBeGreaterThan(20);
    expect(named((status) => status === '429')).toEqual(without);
    expect(named((status) => status < '300')).toEqual(without);
    const streamed = all.find(({ operationId }) => operationId === 'exportImages');
    expect(JSON.stringify(streamed)).not.toMatch(/quota_exceeded|counters_unavailable/);
  });

  it('every reference has its schema', () => {
    const names = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) expect(document.components.schemas).toHaveProperty(name ?? '');
  });
});

describe('docs/api.md', () => {
  it('the tables of docs/api.md are what the code generates (npm run openapi)', () => {
    expect(read('api.md')).toBe(describeApi(read('api.md')));
  });
});
