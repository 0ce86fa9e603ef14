import { acceptedContentTypes } from '../../lambda/domain/image.ts';
import { resourcePaths, routes } from '../../lambda/domain/routes.ts';

/**
 * Resources of the API Gateway. Each takes every method: the function knows which it has, answers OPTIONS and HEAD, and
 * says 405 with Allow to the others, which the gateway by itself would call unknown paths.
 */
export const resources: readonly string[] = resourcePaths;

/** The resource where the gateway looks at bodies before the function does. */
export const bodiesAt: string = routes.createImage.path;

/** Bodies of these types reach the function as base64; of any other type as text. */
export const binaryMediaTypes: readonly string[] = acceptedContentTypes;
