/** A queue between two functions; its consumer has the trigger `queue`. */
interface Definition {
  /** Name in the template and of the local queue. */
  name: string;
  /** Seconds after which SQS drops what nobody received. */
  retentionSeconds: number;
  /** Keeps the order within a message group. */
  fifo?: true;
  /** No function consumes it, people do. */
  parked?: true;
}

const longestRetention = 14 * 86_400;

/**
 * Queues between functions, besides ImageJobs. None needs a dead-letter queue: what is lost of most of them is sent again,
 * because the database knows it, and the consumers of events put what they can never process into `refusedEvents`.
 */
export const innerQueues = {
  /** Tell the relay that there are events; its schedule does what a lost one asked for. */
  nudges: { name: 'Nudges', retentionSeconds: 60 },
  /** A request is stale after two minutes, and taken again after three. */
  deliveries: { name: 'Deliveries', retentionSeconds: 600 },
  /** A lost result is a delivery that is repeated. */
  deliveryResults: { name: 'DeliveryResults', retentionSeconds: 86_400 },
  /** Events of images for each consumer, where the relay sends none to Kafka. The group is the image. */
  analyticsEvents: { name: 'AnalyticsEvents', retentionSeconds: longestRetention, fifo: true },
  auditEvents: { name: 'AuditEvents', retentionSeconds: longestRetention, fifo: true },
  refusedEvents: { name: 'RefusedEvents', retentionSeconds: longestRetention, parked: true },
} as const satisfies Readonly<Record<string, Definition>>;

export type InnerQueue = keyof typeof innerQueues;
/** A queue with what only some have. */
export const innerQueue = (queue: InnerQueue): Definition => innerQueues[queue];
export const innerQueueNames = Object.keys(innerQueues) as InnerQueue[];

/** Maps every queue. */
export function eachInnerQueue<Made>(make: (queue: InnerQueue) => Made): Record<InnerQueue, Made> {
  return Object.fromEntries(innerQueueNames.map((queue) => [queue, make(queue)])) as Record<InnerQueue, Made>;
}
