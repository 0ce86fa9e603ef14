/*
 * One way to export, in a process of its own: its rows go to the socket of SLUICE_BENCH_PORT, at the pace of its reader. Prints
 * its usage as JSON. Started with --expose-gc.
 */
import { once } from 'node:events';
import { connect as openSocket, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setInterval as every } from 'node:timers';
import { stringify } from 'csv-stringify';
import { stringify as stringifySync } from 'csv-stringify/sync';
import pg from 'pg';
import QueryStream from 'pg-query-stream';
import { exportHeader } from '../../lambda/domain/export.ts';
import { csvDocument } from '../../lambda/export/document.ts';
import { connect } from '../../lambda/postgres/connection/connection.ts';
import { pageQuery } from '../../lambda/postgres/exports/page.ts';
import { exportRecords } from '../../lambda/postgres/exports/records.ts';
import { beginSnapshot } from '../../lambda/postgres/exports/snapshot.ts';
import { compressor } from '../../lambda/runtime/content-encoding.ts';
import { tenant } from './database.ts';
import { selection, type Usage, type Way } from './ways.ts';

interface Address {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

const [way, address] = [process.argv[2] as Way, JSON.parse(process.argv[3] ?? '') as Address];
const collect = globalThis.gc as () => void;

async function sluice(socket: Socket): Promise<void> {
  const connection = await connect({
    environment: {
      DATABASE_HOST: address.host,
      DATABASE_PORT: address.port,
      DATABASE_NAME: address.database,
      DATABASE_USER: address.user,
      DATABASE_AUTH: 'password',
      DATABASE_TLS: 'off',
      DATABASE_PREPARED_STATEMENTS: 'named',
    },
    password: async () => address.password,
    applicationName: 'bench',
  });
  if (way === 'sluice consistent') await beginSnapshot(connection);
  let rows = 0;
  const records = exportRecords(
    connection,
    { tenant, selection },
    {
      onPage: (page) => {
        rows += page.rows;
        return true;
      },
    },
  );
  const document = csvDocument(selection, records, { rows: () => rows, taken: () => undefined });
  if (way === 'sluice zstd') await pipeline(document, compressor('zstd'), socket);
  else if (way === 'sluice gzip') await pipeline(document, compressor('gzip'), socket);
  else await pipeline(document, socket);
  await connection.close();
}

/** The same query, with the same texts, by an ordinary client. */
const query = pageQuery({ tenant, selection }, {});

async function queryStream(socket: Socket): Promise<void> {
  const client = new pg.Client(address);
  await client.connect();
  const rows = client.query(new QueryStream(query, [], { batchSize: 1_000, rowMode: 'array' }));
  await pipeline(
    rows,
    stringify({ header: true, columns: exportHeader(selection), record_delimiter: 'windows' }),
    socket,
  );
  await client.end();
}

async function naive(socket: Socket): Promise<void> {
  const client = new pg.Client(address);
  await client.connect();
  const { rows } = await client.query({ text: query, rowMode: 'array' });
  // The longest text of V8 has 512 MiB: in pieces.
  for (let at = 0; at < rows.length; at += 100_000)
    socket.write(stringifySync(rows.slice(at, at + 100_000), { record_delimiter: 'windows' }));
  socket.end();
  await once(socket, 'close');
  await client.end();
}

const socket = openSocket(Number(process.env.SLUICE_BENCH_PORT), '127.0.0.1');
await once(socket, 'connect');
collect();
const before = process.memoryUsage();
const usage: Usage = {
  ...{ seconds: 0, cpuSeconds: 0, heaps: [] },
  ...{ heapBefore: before.heapUsed, heapMost: 0, rssBefore: before.rss, rssMost: 0 },
};
const see = () => {
  const { heapUsed, rss } = process.memoryUsage();
  usage.heapMost = Math.max(usage.heapMost, heapUsed);
  usage.rssMost = Math.max(usage.rssMost, rss);
};
every(see, 20).unref();
if (process.env.SLUICE_BENCH_COLLECT === 'yes')
  every(() => {
    collect();
    usage.heaps.push(process.memoryUsage().heapUsed);
  }, 1_000).unref();
process.once('SIGTERM', () => report());
const cpu = process.cpuUsage();
const started = performance.now();
await (way === 'query-stream' ? queryStream(socket) : way === 'naive' ? naive(socket) : sluice(socket));
report();

function report(): void {
  see();
  const { user, system } = process.cpuUsage(cpu);
  usage.seconds = (performance.now() - started) / 1000;
  usage.cpuSeconds = (user + system) / 1e6;
  process.stdout.write(`${JSON.stringify(usage)}\n`, () => process.exit(0));
}
