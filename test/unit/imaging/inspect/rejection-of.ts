import { Rejection } from '../../../../lambda/domain/failure.ts';

/** The rejection of an image. @throws Error for any other outcome */
export async function rejectionOf(work: Promise<unknown>): Promise<Rejection> {
  const outcome = await work.catch((error: unknown) => error);
  if (!(outcome instanceof Rejection)) throw new Error(`expected a rejection, got ${String(outcome)}`);
  return outcome;
}
