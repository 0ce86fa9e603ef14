/** What the gateway answers by itself, without asking the function. */
export interface GatewayProblem {
  /** Absent: the gateway's own, where the problem stands for several. */
  status?: number;
  code: string;
  title: string;
  detail: string;
  retryAfterSeconds?: number;
}

/**
 * Any page may read what the gateway says by itself: it holds nothing of anybody's, and a page that may not read a 429
 * cannot know when to come back. The function's own answers are read by the pages of `deploy.origins` only.
 */
export const gatewayHeaders: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Retry-After, x-amzn-ErrorType, x-amzn-RequestId',
};

/** The gateway's own problems, the same on AWS and here. Codes are those of the API where it has one for it. */
export const gatewayProblems = {
  malformedJson: {
    status: 400,
    code: 'malformed_json',
    title: 'The body is not JSON',
    detail: 'The body must be a JSON object, or an image with its Content-Type.',
  },
  notFound: {
    status: 404,
    code: 'not_found',
    title: 'There is no such thing here',
    detail: 'The API has no such path.',
  },
  tooLarge: {
    status: 413,
    code: 'too_large',
    title: 'The image or body is too large',
    detail: 'Ask for a presigned POST and upload the image with it.',
  },
  unsupportedType: {
    status: 415,
    code: 'unsupported_type',
    title: 'The type is not supported',
    detail: 'Send JSON or an image of a supported type.',
  },
  throttled: {
    status: 429,
    code: 'throttled',
    title: 'Too many requests',
    detail: 'The API takes a bounded number of requests a second.',
    retryAfterSeconds: 1,
  },
  refused: {
    code: 'invalid_request',
    title: 'The request has mistakes',
    detail: 'The gateway refused the request.',
  },
  /** The function is throttled by its reserved concurrency, ran out of time, crashed, or answered nonsense. */
  away: {
    status: 503,
    code: 'overloaded',
    title: 'The service cannot answer now',
    detail: 'Try again.',
    retryAfterSeconds: 5,
  },
} as const satisfies Record<string, GatewayProblem>;
