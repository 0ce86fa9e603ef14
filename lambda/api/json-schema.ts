import * as z from 'zod';

export type JsonSchema = Record<string, unknown>;

/** The JSON Schema of what a zod schema takes. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
  return rest;
}
