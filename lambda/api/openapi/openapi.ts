import type * as z from 'zod';
import { acceptedTypes } from '../../domain/image.ts';
import { type ProblemCode, problems } from '../../domain/problems.ts';
import { type RouteName, routeNames, routes } from '../../domain/routes.ts';
import type { Settings } from '../../domain/settings.ts';
import { exportJobRequest, exportResponse } from '../schemas/exports.ts';
import { imageErrors } from '../schemas/image-errors.ts';
import { imagePatch, ticketRequest, ticketsRequest } from '../schemas/requests.ts';
import * as responses from '../schemas/responses.ts';
import { usageResponse } from '../schemas/usage.ts';
import * as webhooks from '../schemas/webhooks.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';
import type { Operation } from './operation.ts';
import { operations } from './operations.ts';
import { parametersOf } from './parameters.ts';
import { problemMeanings } from './problem-meanings.ts';
import { type ResponseHeader, responseHeaders } from './response-headers.ts';

/** The parts of the configuration that the document describes. */
export type DocumentSettings = Pick<Settings, 'presets' | 'limits' | 'inputs' | 'uploads' | 'webhooks'>;

const description = `An image pipeline that pushes back.

Errors are problem documents (RFC 9457) with a stable \`code\`. A 429 or 503 has a Retry-After.
HEAD works wherever GET does. Under /v1 an undocumented query parameter is refused with 400 \`invalid_request\`, because it
is probably misspelt; other paths ignore it.`;

/** The OpenAPI 3.1 document, from the table of routes and the schemas that validate requests and responses. */
export function openApiDocument(settings: DocumentSettings): JsonSchema {
  const schemas = schemasOf(settings);
  const paths: Record<string, JsonSchema> = {};
  for (const name of routeNames) {
    const { method, path, access } = routes[name];
    const operation = operations[name];
    const parameters = parametersOf(path, operation, settings);
    // OpenAPI has no notation for the rest of a path.
    const template = path.replace('+}', '}');
    paths[template] ??= {};
    paths[template][method.toLowerCase()] = {
      operationId: name satisfies RouteName,
      summary: operation.summary,
      ...(operation.description === undefined ? {} : { description: operation.description }),
      ...(access === 'open' ? { security: [] } : {}),
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(operation.takes === undefined
        ? {}
        : { requestBody: jsonBody(operation.takes, operation.takesTypes) }),
      ...(operation.takesImage ? { requestBody: imageOrTicket(settings) } : {}),
      responses: {
        ...successes(operation.responses, operation.problems.includes('quota_exceeded') ? quotaFields : []),
        ...failures(operation.problems),
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Sluice', version: '1', description },
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'The API key of a tenant.' } },
      schemas: Object.fromEntries(
        Object.entries(schemas).map(([name, schema]) => [name, jsonSchemaOf(schema)]),
      ),
    },
  };
}

function schemasOf(settings: DocumentSettings): Record<string, z.ZodType> {
  return {
    TicketRequest: ticketRequest(settings),
    TicketsRequest: ticketsRequest.extend({
      tickets: ticketsRequest.shape.tickets.meta({ items: reference('TicketRequest') }),
    }),
    ImagePatch: imagePatch,
    Tickets: responses.ticketsResponse,
    Ticket: responses.ticketResponse,
    Uploaded: responses.uploadedResponse,
    Direct: responses.directResponse,
    Image: responses.imageResponse,
    ImageList: responses.listResponse,
    Deleted: responses.deleteResponse,
    ImageEvents: responses.eventsResponse,
    WebhookRequest: webhooks.webhookRequest(settings.webhooks),
    WebhookPatch: webhooks.webhookPatch(settings.webhooks),
    RotationRequest: webhooks.rotationRequest,
    Webhook: webhooks.webhookResponse,
    NewWebhook: webhooks.newWebhookResponse,
    Webhooks: webhooks.webhooksResponse,
    Rotation: webhooks.rotationResponse,
    Deliveries: webhooks.deliveriesResponse,
    QueuedDelivery: webhooks.queuedDeliveryResponse,
    Replayed: webhooks.replayedResponse,
    ExportRequest: exportJobRequest,
    Export: exportResponse,
    Usage: usageResponse,
    Presets: responses.presetsResponse,
    Health: responses.healthResponse,
    Problem: responses.problemBody.extend({
      code: responses.problemBody.shape.code.meta({ description: listed(problemMeanings) }),
    }),
    ImageError: responses.imageError.extend({
      code: responses.imageError.shape.code.meta({ description: listed(imageErrors) }),
    }),
  };
}

function listed(sentences: Record<string, string>): string {
  return Object.entries(sentences)
    .map(([code, sentence]) => `- \`${code}\`: ${sentence}`)
    .join('\n');
}

function jsonBody(name: string, types: readonly string[] = ['application/json']): JsonSchema {
  const schema = reference(name);
  return { required: true, content: Object.fromEntries(types.map((type) => [type, { schema }])) };
}

function imageOrTicket(settings: DocumentSettings): JsonSchema {
  const { maxDirectBytes } = settings.uploads;
  const binary = {
    schema: {
      type: 'string',
      contentMediaType: 'application/octet-stream',
      minLength: 1,
      description: `At most ${maxDirectBytes} bytes.`,
    },
  };
  return {
    required: true,
    content: {
      'application/json': { schema: reference('TicketRequest') },
      ...Object.fromEntries(acceptedTypes(settings).map((type) => [type, binary])),
    },
  };
}

const quotaFields = ['RateLimit', 'RateLimit-Policy'] as const;

function successes(wanted: Operation['responses'], more: readonly ResponseHeader[]): JsonSchema {
  return Object.fromEntries(
    Object.entries(wanted).map(([status, { description: about, schema, type, headers = [] }]) => [
      status,
      {
        description: about,
        ...headersOf([...headers, ...more]),
        ...(schema === undefined && type === undefined ? {} : { content: contentOf(schema, type) }),
      },
    ]),
  );
}

/** Of a response with a JSON schema, text of a type, or a choice of both. */
function contentOf(schema: string | undefined, type: string | undefined): JsonSchema {
  return {
    ...(schema === undefined ? {} : { 'application/json': { schema: reference(schema) } }),
    ...(type === undefined ? {} : { [type]: { schema: { type: 'string' } } }),
  };
}

const headersOfStatus: Record<string, readonly ResponseHeader[]> = {
  401: ['WWW-Authenticate'],
  405: ['Allow'],
  412: ['ETag'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** Problems of one status share a response, which lists its codes. */
function failures(codes: readonly ProblemCode[]): JsonSchema {
  const byStatus = Object.groupBy(codes, (code) => String(problems[code].status));
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, same = []]) => [
      status,
      {
        description: listed(Object.fromEntries(same.map((code) => [code, problemMeanings[code]]))),
        ...headersOf([
          ...(same.includes('request_in_progress')
            ? (['Retry-After'] as const)
            : (headersOfStatus[status] ?? [])),
          // The gateway's own 429 has none.
          ...(same.includes('quota_exceeded') ? quotaFields : []),
        ]),
        content: {
          'application/problem+json': {
            schema: { allOf: [reference('Problem'), { properties: { code: { enum: same } } }] },
          },
        },
      },
    ]),
  );
}

function headersOf(names: readonly ResponseHeader[]): JsonSchema {
  if (names.length === 0) return {};
  return { headers: Object.fromEntries(names.map((name) => [name, responseHeaders[name]])) };
}

function reference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}
