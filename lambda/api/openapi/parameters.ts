import * as z from 'zod';
import type { PathVariable } from '../../domain/routes.ts';
import type { Settings } from '../../domain/settings.ts';
import { requestHeaders } from '../schemas/requests.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';
import type { Operation } from './operation.ts';

const pathVariables: Record<PathVariable, z.ZodType> = {
  webhook: z.string().meta({ format: 'uuid', description: 'ID of the webhook.' }),
  delivery: z
    .string()
    .meta({ format: 'uuid', description: 'ID of the delivery, which is that of its event.' }),
  id: z.string().meta({ format: 'uuid', description: 'ID of the image or export.' }),
  proxy: z.string().meta({ description: 'Path of the file.' }),
};

/** OpenAPI parameters of an operation: the variables of its path, and its query and headers. */
export function parametersOf(
  path: string,
  { query, headers = [] }: Operation,
  settings: Pick<Settings, 'presets'>,
): JsonSchema[] {
  const variables = [...path.matchAll(/\{(\w+)\+?\}/g)].map(([, name]) => name as PathVariable);
  return [
    ...variables.map((name) => ({ name, in: 'path', required: true, ...typed(pathVariables[name]) })),
    ...Object.entries(query?.(settings).shape ?? {}).map(([name, schema]) => ({
      name,
      in: 'query',
      ...typed(schema),
    })),
    ...headers.map((name) => ({
      name,
      in: 'header',
      ...(name === 'If-Match' ? { required: true } : {}),
      ...typed(requestHeaders[name]),
    })),
  ];
}

/** Describes the value in a parameter's text: a number, a comma-separated list, or JSON. */
function typed(parameter: z.ZodType): JsonSchema {
  const { description, ...schema } = jsonSchemaOf(parameter, 'output');
  if (schema.type === 'object') return { description, content: { 'application/json': { schema } } };
  return { description, schema, ...(schema.type === 'array' ? { style: 'form', explode: false } : {}) };
}
