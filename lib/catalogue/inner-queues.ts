/** A queue between two functions; its consumer has the trigger `queue`. */
interface Definition {
  /** Name in the template and of the local queue. */
  name: string;
  /** Seconds after which SQS drops what nobody received. */
  retentionSeconds: number;
}

/**
 * Queues between functions, besides ImageJobs. Their messages repeat what the database knows: what is lost is sent again,
 * so they need no dead-letter queue.
 */
export const innerQueues = {
  /** A request is stale after two minutes, and taken again after three. */
  deliveries: { name: 'Deliveries', retentionSeconds: 600 },
  /** A lost result is a delivery that is repeated. */
  deliveryResults: { name: 'DeliveryResults', retentionSeconds: 86_400 },
} as const satisfies Readonly<Record<string, Definition>>;

export type InnerQueue = keyof typeof innerQueues;
export const innerQueueNames = Object.keys(innerQueues) as InnerQueue[];

/** Maps every queue. */
export function eachInnerQueue<Made>(make: (queue: InnerQueue) => Made): Record<InnerQueue, Made> {
  return Object.fromEntries(innerQueueNames.map((queue) => [queue, make(queue)])) as Record<InnerQueue, Made>;
}
