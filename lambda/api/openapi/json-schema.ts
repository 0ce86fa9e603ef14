import * as z from 'zod';

export type JsonSchema = Record<string, unknown>;

/** JSON Schema of the values that a zod schema reads (`input`) or returns (`output`). */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output' = 'input'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  return rest;
}
