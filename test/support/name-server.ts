import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';

export interface NameServer {
  /** For `Resolver.setServers`. */
  address: string;
  /** The names that it was asked for, each once for A and once for AAAA. */
  asked: string[];
  /** Ends when it was asked for the name. */
  askedFor(name: string): Promise<void>;
  close(): void;
}

const types = { a: 1, aaaa: 28 } as const;
const noSuchName = 3;

/** An address of the loopback and documentation blocks in bytes: in IPv6 only the first and the last group are not 0. */
function bytesOf(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const bytes = Buffer.alloc(16);
  for (const [place, group] of head.split(':').entries())
    if (group !== '') bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * place);
  bytes.writeUInt16BE(Number.parseInt(tail, 16), 14);
  return bytes;
}

/**
 * A name server (RFC 1035, UDP) on this machine.
 * @param names its names with their addresses; it says nothing when it is asked for one of a domain `silent`
 */
export async function startNameServer(names: Record<string, readonly string[]>): Promise<NameServer> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const asked: string[] = [];
  const answer = (query: Buffer, { port, address: client }: RemoteInfo) => {
    const labels: string[] = [];
    let place = 12;
    for (let length = query.readUInt8(place); length > 0; length = query.readUInt8(place)) {
      labels.push(query.toString('latin1', place + 1, place + 1 + length));
      place += 1 + length;
    }
    const name = labels.join('.');
    const type = query.readUInt16BE(place + 1);
    asked.push(name);
    socket.emit('asked');
    if (labels.includes('silent')) return;
    const addresses = (names[name] ?? []).filter((one) => type === (isIPv4(one) ? types.a : types.aaaa));
    const header = Buffer.from(query.subarray(0, 12));
    // A response, recursion available.
    header.writeUInt16BE(0x8180 | (name in names ? 0 : noSuchName), 2);
    header.writeUInt16BE(addresses.length, 6);
    header.writeUInt32BE(0, 8);
    const records = addresses.map(bytesOf).map((bytes) => {
      // The name of the question, the type, IN, 60 s, the length.
      const record = Buffer.from('c00c000000010000003c0000', 'hex');
      record.writeUInt16BE(type, 2);
      record.writeUInt16BE(bytes.length, 10);
      return Buffer.concat([record, bytes]);
    });
    socket.send(Buffer.concat([header, query.subarray(12, place + 5), ...records]), port, client);
  };
  socket.on('message', answer);
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    async askedFor(name) {
      while (!asked.includes(name)) await once(socket, 'asked');
    },
    close: () => socket.close(),
  };
}
