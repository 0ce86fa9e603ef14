import { isImageId } from '../../../domain/image.ts';
import { Problem } from '../../http/problem.ts';
import type { ApiRequest } from '../../http/request.ts';

/** An export that does not exist, was deleted, or is another tenant's: clients cannot distinguish these (I11). */
export function noSuchExport(): Problem {
  return new Problem('not_found', 'There is no export with this id.');
}

/** The id in the path, which has the form of an image's. @throws Problem `not_found` for an id that no export has */
export function exportId({ params }: ApiRequest): string {
  const { id = '' } = params;
  if (!isImageId(id)) throw noSuchExport();
  return id;
}
