import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { type RestartablePostgres, startRestartablePostgres } from '../../local/postgres/restartable.ts';
import { patience } from '../support/pace.ts';
import { freePort } from '../support/ports.ts';
import { temporaryFolder } from './test-host.ts';

async function start(directory: string): Promise<{ server: RestartablePostgres; hasEnded(): boolean }> {
  // A port that nothing else takes while the server is away.
  const port = await freePort();
  const server = await startRestartablePostgres({ directory, port, maxConnections: 20 });
  onTestFinished(() => server.stop());
  let over = false;
  server.ended.then(() => {
    over = true;
  });
  return { server, hasEnded: () => over };
}

async function connect({ host, port, user, password, database }: RestartablePostgres): Promise<pg.Client> {
  const client = new pg.Client({ host, port, user, password, database });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

test.each([false, true])(
  'the server restarts on its port with its data and log, immediate: %s',
  async (immediate) => {
    const directory = temporaryFolder();
    const { server, hasEnded } = await start(directory);
    const { pid } = server;
    const client = await connect(server);
    await client.query('create table kept (number int); insert into kept values (1)');
    await client.query('select wrong').catch(() => undefined);
    // Long enough to be found away: the client hears of its end and connects meanwhile.
    const awayMs = patience(2_000);
    const restarted = server.restart(awayMs, immediate);
    expect(() => server.restart(0)).toThrow('restarting');
    await new Promise((done) => client.once('end', done));
    // Refused, or reset while it shuts down.
    await expect(connect(server)).rejects.toThrow();
    const { downAt, upAt } = await restarted;
    expect(upAt - downAt).toBeGreaterThan(awayMs - 5);
    expect(server.pid).not.toBe(pid);
    const again = await connect(server);
    expect((await again.query('select number from kept')).rows).toEqual([{ number: 1 }]);
    await again.end();
    const log = readFileSync(join(directory, 'postgres.log'), 'utf8');
    expect(log).toContain('column "wrong" does not exist');
    expect(log.includes('database system was not properly shut down')).toBe(immediate);
    expect(hasEnded()).toBe(false);
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
  },
);

test('it stops while it is away, and does not come back', async () => {
  const { server, hasEnded } = await start(temporaryFolder());
  const restarted = server.restart(60_000);
  await server.stop();
  await expect(restarted).rejects.toThrow();
  await expect(connect(server)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(hasEnded()).toBe(true);
});
