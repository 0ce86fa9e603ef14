import { acceptedContentTypes } from '../../lambda/domain/image.ts';
import { resourcePaths, routes } from '../../lambda/domain/routes.ts';

/**
 * Resources of the API Gateway. Each accepts every method, because the function answers OPTIONS and HEAD, and others
 * with 405 and Allow; the gateway would report an unknown path.
 */
export const resources: readonly string[] = resourcePaths;

/** The resource where the gateway checks bodies before the function. */
export const bodiesAt: string = routes.createImage.path;

/** Bodies of these types reach the function as base64, others as text. */
export const binaryMediaTypes: readonly string[] = acceptedContentTypes;
