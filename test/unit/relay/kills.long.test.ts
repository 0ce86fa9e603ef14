import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fitting, patience, waiting } from '../../support/pace.ts';
import { openTestDb, type TestDb } from '../postgres/rows.ts';
import type { Killed } from './killed-process.ts';

let db: TestDb;
let folder: string;
const children = new Set<ChildProcess>();
beforeAll(async () => {
  db = await openTestDb();
  folder = mkdtempSync(join(tmpdir(), 'sluice-kills-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await db.close();
  rmSync(folder, { recursive: true, force: true });
});

const leaseSeconds = 2;
function start(role: Killed['role'], file: string): ChildProcess {
  const { environment } = db.options(role === 'relay' ? 'sluice_relay' : 'sluice_process');
  const given: Killed = { role, environment, password: db.address.rolesPassword, file, leaseSeconds };
  const script = join(import.meta.dirname, 'killed-process.ts');
  const child = spawn(process.execPath, [script, JSON.stringify(given)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

it(
  'no event is missing, none is out of order within its image, and repetitions have the same id, under 20 kills of relay and worker',
  async () => {
    const count = fitting(10_000, 1_000);
    const kills = 20;
    const file = join(folder, 'sink');
    writeFileSync(file, '');
    await db.admin.query(
      `insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, ticket_expires_at)
       select gen_random_uuid(), 'alpha', 'queued', 'image/png', 1, '{small}', now() from generate_series(1, $1::int)`,
      [count],
    );
    const lines = () =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '');
    const running = { relay: start('relay', file), worker: start('worker', file) };
    const over = waiting(240_000);
    // Each kill in the middle of the work: after another part of the events has come.
    for (let kill = 0; kill < kills && !over(); kill += 1) {
      const role = kill % 2 === 0 ? 'relay' : 'worker';
      const due = Math.floor((2 * count * (kill + 0.5)) / (kills + 2));
      while (lines().length < due && !over()) await sleep(10);
      await sleep(Math.random() * 50);
      running[role].kill('SIGKILL');
      running[role] = start(role, file);
    }
    const left = async () =>
      (
        await db.admin.query<{ count: number }>(
          `select (select count(*) from image where status <> 'rejected')::int
             + (select count(*) from image_event where sent_at is null)::int as count`,
        )
      ).rows[0]?.count;
    while ((await left()) !== 0 && !over()) await sleep(100);
    expect(await left()).toBe(0);

    const seen = new Map<string, string[]>();
    const ids = new Map<string, string>();
    for (const line of lines()) {
      const [id = '', image = '', sequence = '', type = ''] = line.split(' ');
      const known = ids.get(id);
      // A repetition has the same id and is the same event.
      expect(known ?? `${image} ${sequence}`).toBe(`${image} ${sequence}`);
      if (known !== undefined) continue;
      ids.set(id, `${image} ${sequence}`);
      seen.set(image, [...(seen.get(image) ?? []), `${sequence} ${type}`]);
    }
    expect(seen.size).toBe(count);
    for (const events of seen.values()) expect(events).toEqual(['1 image.admitted', '2 image.rejected']);
  },
  patience(300_000),
);
