import { Rejection } from '../../../../lambda/domain/failure.ts';

/** How an image is refused; anything else that comes of it is an error. */
export async function rejectionOf(work: Promise<unknown>): Promise<Rejection> {
  const outcome = await work.catch((error: unknown) => error);
  if (!(outcome instanceof Rejection)) throw new Error(`expected a rejection, got ${String(outcome)}`);
  return outcome;
}
