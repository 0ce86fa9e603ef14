/** Response headers. */
export const responseHeaders = {
  Location: { description: 'URL path of what was created.', schema: { type: 'string' } },
  'Idempotency-Replayed': {
    description: '`true` if this repeats an earlier response and nothing new was created.',
    schema: { enum: ['true'] },
  },
  'Content-Disposition': {
    description: 'The name of the file, with the date.',
    schema: { type: 'string' },
  },
  ETag: {
    description: 'ETag of the response, for If-None-Match, and of an image for If-Match of an edit.',
    schema: { type: 'string' },
  },
  'Retry-After': {
    description: 'Seconds to wait before the next request.',
    schema: { type: 'integer', minimum: 1 },
  },
  RateLimit: {
    description:
      'What is left of each quota that the request counts in, as draft-ietf-httpapi-ratelimit-headers: `"images-day";r=7;t=3600`. Absent without quotas. `t` is at most 3600.',
    schema: { type: 'string' },
  },
  'RateLimit-Policy': {
    description: 'These quotas, and their windows in seconds: `"images-day";q=100;w=86400`.',
    schema: { type: 'string' },
  },
  Allow: { description: 'Methods that the path allows.', schema: { type: 'string' } },
  'WWW-Authenticate': {
    description: 'The challenge `Bearer`. API Gateway on AWS sends it as x-amzn-Remapped-WWW-Authenticate.',
    schema: { type: 'string' },
  },
} as const;
export type ResponseHeader = keyof typeof responseHeaders;
