import type { Duplex } from 'node:stream';

/** What a client sends of a statement: in a Query (Q), Parse (P) or Bind (B) message, with the name of what it prepares. */
export interface Sent {
  message: 'Query' | 'Parse' | 'Bind' | 'FunctionCall';
  /** Of the prepared statement; empty for the unnamed one, which lives until the next. */
  name: string;
  text: string;
}

/** The messages of a stream, which stays open if no more are read. The first of a client has no type. */
export async function* messages(stream: Duplex, typed: () => boolean): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const bytes of stream.iterator({ destroyOnReturn: false })) {
    rest = Buffer.concat([rest, bytes as Buffer]);
    for (;;) {
      const head = typed() ? 1 : 0;
      if (rest.length < head + 4) break;
      const length = head + rest.readInt32BE(head);
      if (rest.length < length) break;
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      yield message;
    }
  }
}

/** The statement of a client's message, or undefined for one of another kind (Describe, Execute, Sync). */
export function sentIn(message: Buffer): Sent | undefined {
  const [first = '', second = ''] = message.toString('utf8', 5).split('\0', 2);
  switch (String.fromCharCode(message[0] ?? 0)) {
    case 'Q':
      return { message: 'Query', name: '', text: first };
    case 'P':
      return { message: 'Parse', name: first, text: second };
    case 'B':
      return { message: 'Bind', name: second, text: '' };
    case 'F':
      return { message: 'FunctionCall', name: '', text: '' };
    default:
      return undefined;
  }
}

/** Names of the parameters in a start-up message. */
export function startParameters(message: Buffer): string[] {
  const parts = message.toString('utf8', 8).split('\0');
  return parts.filter((part, index) => index % 2 === 0 && part !== '');
}
