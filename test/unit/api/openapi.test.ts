import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { imageErrorCodes, imageErrors } from '../../../lambda/api/image-errors.ts';
import { openApiDocument } from '../../../lambda/api/openapi.ts';
import { operations } from '../../../lambda/api/operations.ts';
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
const document = JSON.parse(JSON.stringify(openApiDocument(resolveConfig(config)))) as Document;

describe('the OpenAPI document', () => {
  it('in docs/ is the one that the code makes (npm run openapi)', () => {
    expect(JSON.parse(read('openapi.json'))).toEqual(document);
  });

  it('names every problem that can be answered', () => {
    const named = new Set(Object.values(operations).flatMap((operation) => operation.problems));
    const missing = Object.keys(problems).filter((code) => !named.has(code as keyof typeof problems));
    expect(missing).toEqual([]);
  });

  it.each([
    ['Problem', Object.keys(problems), Object.values(problems).map(({ meaning }) => meaning)],
    ['ImageError', [...rejectionCodes, 'internal'], Object.values(imageErrors)],
  ])('lists the codes of %s, with a sentence for each', (schema, codes, sentences) => {
    const code = document.components.schemas[schema]?.properties.code;
    expect(code?.enum).toEqual(codes);
    for (const sentence of sentences) {
      expect(code?.description).toContain(sentence);
      expect(sentence).toMatch(/[.]$/);
    }
  });

  it('gives an image the codes that it can end with and no others', () => {
    const error = document.components.schemas.Image?.properties.error as unknown;
    expect(error).toMatchObject({ properties: { code: { enum: imageErrorCodes } } });
  });

  it('refers to no schema that is not there', () => {
    const names = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) expect(document.components.schemas).toHaveProperty(name ?? '');
  });
});

describe('docs/api.md', () => {
  it('has the tables that the code makes (npm run openapi)', () => {
    expect(read('api.md')).toBe(describeApi(read('api.md')));
  });
});
