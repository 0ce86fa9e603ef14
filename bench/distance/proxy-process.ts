import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/*
 * A server that is farther away: a TCP proxy in its own process that holds back the bytes of each direction for half of
 * a round trip, and counts the round trips. Arguments: port of the server, milliseconds of a direction. Sends its port
 * when it is ready, and the count whenever it is sent a message.
 */
const [serverPort = '', delay = ''] = process.argv.slice(2);
const delayMs = Number(delay);

/** Bytes on their way, in order of departure, because the delay is the same for all. */
const flying: { due: number; land: () => void }[] = [];
let roundTrips = 0;

function delayed(land: () => void): void {
  flying.push({ due: performance.now() + delayMs, land });
  if (flying.length === 1) setImmediate(pump);
}

/** Timers may be more than a millisecond late, so this looks at the clock at each turn of the loop towards the end. */
function pump(): void {
  while (flying[0] !== undefined && flying[0].due <= performance.now()) {
    flying[0].land();
    flying.shift();
  }
  if (flying[0] === undefined) return;
  const leftMs = flying[0].due - performance.now();
  if (leftMs > 3) setTimeout(pump, leftMs - 2);
  else setImmediate(pump);
}

function forward(from: Socket, to: Socket, onBytes: () => void): void {
  from.setNoDelay(true);
  from.on('data', (bytes) => {
    onBytes();
    delayed(() => to.writable && to.write(bytes));
  });
  from.on('close', () => delayed(() => to.destroy()));
  from.on('error', () => undefined);
}

const proxy = createServer({ pauseOnConnect: true }, (client) => {
  // The handshake of TCP: its round trip comes before the first bytes of the client.
  roundTrips += 1;
  const server = connect(Number(serverPort), '127.0.0.1');
  let clientsTurn = false;
  forward(server, client, () => {
    clientsTurn = true;
  });
  delayed(() =>
    delayed(() => {
      roundTrips += 1;
      forward(client, server, () => {
        if (clientsTurn) roundTrips += 1;
        clientsTurn = false;
      });
      client.resume();
    }),
  );
});
proxy.listen(0, '127.0.0.1', () => process.send?.((proxy.address() as AddressInfo).port));
process.on('message', () => process.send?.(roundTrips));
process.once('disconnect', () => process.exit());
