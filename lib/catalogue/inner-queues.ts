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
  /** The parked queue for messages that were received in vain, as often as fits (`innerReceives`). */
  deadLetters?: 'stuckMessages' | 'stuckEvents';
}

/** SQS's highest maxReceiveCount: events, hidden for three minutes each time, outlast an outage of two days. */
export const mostReceives = 1_000;

const longestRetention = 14 * 86_400;
/** Shorter than of the dead letters, whose age counts from the first queue. */
const ofEvents = { retentionSeconds: 10 * 86_400, fifo: true, deadLetters: 'stuckEvents' } as const;

/**
 * Queues between functions, besides ImageJobs. What is lost of most of them is sent again, because the database knows it;
 * the consumers of events put what they can never process into `refusedEvents`. Dead-letter queues are for what nobody
 * foresaw: a message that always fails must not take a connection again and again.
 */
export const innerQueues = {
  /**
   * Tell the relay that there are events, or that a pause of its own is over, after up to 45 s of delay and with a minute left
   * then; its schedule does what a lost one asked for.
   */
  nudges: { name: 'Nudges', retentionSeconds: 120 },
  /** A request is stale after two minutes, and taken again after three. */
  deliveries: { name: 'Deliveries', retentionSeconds: 600 },
  /** A lost result is a delivery that is repeated. */
  deliveryResults: { name: 'DeliveryResults', retentionSeconds: 86_400, deadLetters: 'stuckMessages' },
  /** Events of images for each consumer, where the relay sends none to Kafka. The group is the image. */
  analyticsEvents: { name: 'AnalyticsEvents', ...ofEvents },
  auditEvents: { name: 'AuditEvents', ...ofEvents },
  refusedEvents: { name: 'RefusedEvents', retentionSeconds: longestRetention, parked: true },
  stuckMessages: { name: 'StuckMessages', retentionSeconds: longestRetention, parked: true },
  /** In their order, as the dead-letter queue of a FIFO queue must be. */
  stuckEvents: { name: 'StuckEvents', retentionSeconds: longestRetention, parked: true, fifo: true },
} as const satisfies Readonly<Record<string, Definition>>;

/** What the schedule of a function with a queue sends there. */
export const scheduledMessage = { v: 1, kind: 'scheduled' } as const;

export type InnerQueue = keyof typeof innerQueues;
/** A queue with what only some have. */
export const innerQueue = (queue: InnerQueue): Definition => innerQueues[queue];
/** Dead-letter queues first, because the others name them. */
export const innerQueueNames = (Object.keys(innerQueues) as InnerQueue[]).sort(
  (a, b) => Number(innerQueue(b).parked ?? false) - Number(innerQueue(a).parked ?? false),
);

/** Maps every queue. */
export function eachInnerQueue<Made>(make: (queue: InnerQueue) => Made): Record<InnerQueue, Made> {
  return Object.fromEntries(innerQueueNames.map((queue) => [queue, make(queue)])) as Record<InnerQueue, Made>;
}
