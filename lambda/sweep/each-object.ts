import pLimit from 'p-limit';
import type { Log } from '../runtime/logger.ts';
import { storageCalls } from './dependencies.ts';

/** Calls S3 for each item, some concurrently, and returns the answers. Skips failed items; throws if all failed. */
export async function eachObject<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>,
  log: Log,
): Promise<{ answers: { item: Item; answer: Answer }[]; failed: number }> {
  const errors: unknown[] = [];
  const answers: { item: Item; answer: Answer }[] = [];
  await pLimit(storageCalls).map(items, async (item) => {
    try {
      answers.push({ item, answer: await ask(item) });
    } catch (error) {
      errors.push(error);
    }
  });
  const [error] = errors;
  if (items.length > 0 && answers.length === 0) throw error;
  if (errors.length > 0)
    log.warn('S3 did not do everything', { failed: errors.length, of: items.length, error });
  return { answers, failed: errors.length };
}
