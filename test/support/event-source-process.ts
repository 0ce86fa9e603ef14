/*
 * A client of Server-Sent Events: the EventSource of Node (undici), which needs a flag. Writes each event as a line
 * `<lastEventId> <type> <data>`, `again` for each reconnection, and `end` when it was told not to reconnect.
 * Arguments: the URL, the API key and the types of the events.
 */
type Dispatch = (options: { headers: Record<string, string> }, handler: unknown) => boolean;
interface Message {
  lastEventId: string;
  type: string;
  data: string;
}
declare const EventSource: new (
  url: string,
  init: { dispatcher: { dispatch: Dispatch } },
) => {
  readyState: number;
  addEventListener(type: string, listener: (message: Message) => void): void;
};
const closed = 2;

const [url = '', key = '', ...types] = process.argv.slice(2);
const write = (line: string) => process.stdout.write(`${line}\n`);
// The standard has no way to send a key; Node's has a dispatcher.
const dispatch: Dispatch = (options, handler) => {
  const { [Symbol.for('undici.globalDispatcher.1')]: own } = globalThis as unknown as Record<
    symbol,
    { dispatch: Dispatch }
  >;
  if (own === undefined) throw new Error('fetch has made no dispatcher');
  return own.dispatch(
    { ...options, headers: { ...options.headers, authorization: `Bearer ${key}` } },
    handler,
  );
};
const source = new EventSource(url, { dispatcher: { dispatch } });
for (const type of types)
  source.addEventListener(type, (message) => write(`${message.lastEventId} ${message.type} ${message.data}`));
source.addEventListener('error', () => write(source.readyState === closed ? 'end' : 'again'));
// The pause before a reconnection alone does not keep the process running; the input ends with whoever started it.
process.stdin.resume().on('end', () => process.exit());
