import { FairQueue } from '../../simulator/fair-queue.ts';

/** The parts of fauxqs that are patched. */
interface Message {
  messageGroupId?: string;
}
interface Queue {
  isFifo(): boolean;
  messages: Pick<Message[], 'push' | 'shift' | 'length'> & Iterable<Message>;
  inflightMessages: Map<string, { message: Message }>;
}
interface Store {
  createMessage(
    body: string,
    attributes: object,
    delaySeconds?: number,
    group?: string,
    id?: string,
  ): Message;
  prototype: { createQueue(...details: unknown[]): Queue };
}
interface Sent {
  MessageGroupId?: string;
  MessageAttributes?: object;
}
type Action = (body: Sent & { Entries?: Sent[] }, ...others: unknown[]) => unknown;
interface Router {
  prototype: { register(name: string, action: Action): void };
}

const part = (name: string) => import(new URL(`./sqs/${name}.js`, import.meta.resolve('fauxqs')).href);

/**
 * fauxqs 2.4.1 delivers in order of arrival. With the patch ReceiveMessage takes messages in the order of `FairQueue`.
 * Receive counts, visibility, redrive and persistence remain those of fauxqs, which only finds another message at the
 * head of its list.
 * @param now milliseconds
 */
export async function deliverFairly(now: () => number = Date.now): Promise<void> {
  const { SqsStore } = (await part('sqsStore')) as { SqsStore: Store };
  const { createQueue } = SqsStore.prototype;
  SqsStore.prototype.createQueue = function (...details) {
    const queue = createQueue.apply(this, details);
    if (!queue.isFifo()) makeFair(queue, now);
    return queue;
  };
}

/**
 * fauxqs 2.4.1 drops the MessageGroupId of messages to standard queues. With the patch it keeps and returns it. The
 * attributes of a message are the one object that goes from the request to `createMessage`.
 */
export async function keepGroups(): Promise<void> {
  const { SqsStore: store } = (await part('sqsStore')) as { SqsStore: Store };
  const { SqsRouter: router } = (await part('sqsRouter')) as { SqsRouter: Router };
  const groups = new WeakMap<object, string | undefined>();
  const note = (sent: Sent) => {
    sent.MessageAttributes ??= {};
    groups.set(sent.MessageAttributes, sent.MessageGroupId);
  };
  const { register } = router.prototype;
  router.prototype.register = function (name, action) {
    const noting: Action = (body, ...others) => {
      for (const sent of body.Entries ?? [body]) note(sent);
      return action(body, ...others);
    };
    register.call(this, name, name === 'SendMessage' || name === 'SendMessageBatch' ? noting : action);
  };
  const { createMessage } = store;
  store.createMessage = (body, attributes, delaySeconds, group, id) =>
    createMessage(body, attributes, delaySeconds, group ?? groups.get(attributes), id);
}

function makeFair(queue: Queue, now: () => number): void {
  let fair: FairQueue<Message>;
  const list: Queue['messages'] = {
    push(...messages) {
      for (const message of messages) fair.arrive(message, message.messageGroupId);
      return fair.size;
    },
    shift: () => fair.next(now()),
    get length() {
      return fair.size;
    },
    [Symbol.iterator]: () => fair[Symbol.iterator](),
  };
  // fauxqs purges a queue by a new array.
  Object.defineProperty(queue, 'messages', {
    get: () => list,
    set(messages: Message[]) {
      fair = new FairQueue();
      list.push(...messages);
    },
  });
  queue.messages = [];
  queue.inflightMessages = new (class extends Map<string, { message: Message }> {
    override set(handle: string, entry: { message: Message }) {
      fair.begin(entry.message, now());
      return super.set(handle, entry);
    }
    override delete(handle: string) {
      const entry = this.get(handle);
      if (entry !== undefined) fair.end(entry.message, now());
      return super.delete(handle);
    }
  })();
}
