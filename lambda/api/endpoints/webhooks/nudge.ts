import { dueMessage } from '../../../domain/webhook.ts';
import type { ApiParts } from '../../http/endpoint.ts';

/** Tells `dispatch` that something is due. Worth one try: its schedule finds it within a minute. */
export async function nudge({
  deliveryResults,
  log,
}: Pick<ApiParts, 'deliveryResults' | 'log'>): Promise<void> {
  const unsent = await deliveryResults.send([{ body: dueMessage }]);
  if (unsent.size > 0) log.warn('dispatch was not nudged', { reason: unsent.get(0) });
}
