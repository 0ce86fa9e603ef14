import * as z from 'zod';
import { acceptedContentTypes } from '../domain/image.ts';
import { operations } from './operations.ts';
import { type ProblemCode, problems } from './problem.ts';
import { listQuery, ticketRequest } from './requests.ts';
import * as answers from './responses.ts';

type JsonSchema = Record<string, unknown>;

/** Schemas by the name they have in the document. Which presets there are is configuration and not in it. */
const schemas: Record<string, z.ZodType> = {
  TicketRequest: ticketRequest({ presets: {} }),
  Ticket: answers.ticketAnswer,
  Direct: answers.directAnswer,
  Image: answers.imageAnswer,
  ImageSummary: answers.imageSummary,
  ImageList: answers.listAnswer,
  Deleted: answers.deleteAnswer,
  Presets: answers.presetsAnswer,
  Health: answers.healthAnswer,
  Problem: answers.problemAnswer,
};

/** The OpenAPI 3.1 document of the API, made from the schemas that requests and answers are checked with. */
export function openApiDocument(): JsonSchema {
  const paths: Record<string, JsonSchema> = {};
  for (const [route, operation] of Object.entries(operations)) {
    const [method = '', template = ''] = route.split(' ');
    // API Gateway writes {name+} for the rest of a path; OpenAPI has no word for it.
    const path = template.replace('+}', '}');
    paths[path] ??= {};
    paths[path][method.toLowerCase()] = {
      operationId: operation.id,
      summary: operation.summary,
      ...(operation.open ? { security: [] } : {}),
      ...parametersOf(path, operation.query, operation.headers),
      ...(operation.takesImage ? { requestBody: imageOrTicket() } : {}),
      responses: { ...successes(operation.answers), ...failures(operation.problems) },
    };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Sluice', version: '1', description: 'An image pipeline that pushes back.' },
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
      schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, schemaOf(schema)])),
    },
  };
}

function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
  return rest;
}

function parametersOf(path: string, query: 'list' | 'presets' | undefined, headers: readonly string[] = []) {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inHeader = headers.map((name) => ({
    name,
    in: 'header',
    schema:
      name === 'Idempotency-Key' ? { type: 'string', minLength: 1, maxLength: 255 } : { type: 'string' },
  }));
  const fields = query === 'list' ? (schemaOf(listQuery).properties as Record<string, JsonSchema>) : {};
  const inQuery = Object.entries(fields).map(([name, schema]) => ({ name, in: 'query', schema }));
  const presets = {
    name: 'presets',
    in: 'query',
    description: 'Names with commas between them; with an image as the body only.',
    schema: { type: 'string' },
  };
  const parameters = [...inPath, ...inQuery, ...(query === 'presets' ? [presets] : []), ...inHeader];
  return parameters.length === 0 ? {} : { parameters };
}

function imageOrTicket(): JsonSchema {
  const binary = { schema: { type: 'string', contentMediaType: 'application/octet-stream' } };
  return {
    required: true,
    content: {
      'application/json': { schema: reference('TicketRequest') },
      ...Object.fromEntries(acceptedContentTypes.map((type) => [type, binary])),
    },
  };
}

function successes(wanted: (typeof operations)[string]['answers']): JsonSchema {
  return Object.fromEntries(
    Object.entries(wanted).map(([status, { description, schema, type, headers = [] }]) => [
      status,
      {
        description,
        ...headersOf(...headers),
        ...(schema === undefined ? {} : { content: { 'application/json': { schema: reference(schema) } } }),
        ...(type === undefined ? {} : { content: { [type]: { schema: { type: 'string' } } } }),
      },
    ]),
  );
}

/** Problems of one status share a response; its description names their codes. */
function failures(codes: readonly ProblemCode[]): JsonSchema {
  const headers: Record<string, string> = {
    '401': 'WWW-Authenticate',
    '409': 'Retry-After',
    '429': 'Retry-After',
    '503': 'Retry-After',
  };
  const byStatus = Object.groupBy(codes, (code) => String(problems[code].status));
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, same = []]) => [
      status,
      {
        description: `Problem with the code ${same.join(' or ')}`,
        ...headersOf(headers[status]),
        content: { 'application/problem+json': { schema: reference('Problem') } },
      },
    ]),
  );
}

function headersOf(...names: (string | undefined)[]): JsonSchema {
  const known = names.filter((name) => name !== undefined);
  if (known.length === 0) return {};
  return { headers: Object.fromEntries(known.map((name) => [name, { schema: { type: 'string' } }])) };
}

function reference(name: string): JsonSchema {
  if (!(name in schemas)) throw new Error(`no schema is named ${name}`);
  return { $ref: `#/components/schemas/${name}` };
}
