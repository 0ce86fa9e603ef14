import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { appendLines } from '../../../lambda/postgres/audit/append.ts';
import { imageEvent } from '../../support/kafka/events.ts';
import { openCloud } from './cloud.ts';
import { id, useFixture } from './fixture.ts';

/* The command in a process of its own, with the real function and a real Postgres. */

const projectRoot = join(import.meta.dirname, '../../..');
const fixture = useFixture();
let cloud: Awaited<ReturnType<typeof openCloud>>;
beforeAll(async () => {
  cloud = await openCloud(
    { SluiceDevPipeline: 'operate', SluiceProdPipeline: 'busy', SluiceLocalstackPipeline: undefined },
    async (event, name) => (name === 'operate' ? fixture.invoke(event) : { applied: ['000001_images.sql'] }),
  );
});
afterAll(() => cloud.close());
afterEach(() => {
  cloud.asked.length = 0;
});

/** Runs the command and reads its output. */
async function operate(words: string[], input = '') {
  const child = spawn(process.execPath, [join(projectRoot, 'bin/operate.ts'), ...words], {
    env: {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'one',
      AWS_SECRET_ACCESS_KEY: 'two',
    },
  });
  const output = { out: '', err: '' };
  child.stdout.on('data', (part) => {
    output.out += part;
  });
  child.stderr.on('data', (part) => {
    output.err += part;
  });
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...output };
}

/** Writes a trail of so many lines. */
async function appended(tenant: string, count: number): Promise<void> {
  const lines = Array.from({ length: count }, () => imageEvent({ tenant })).map((event) => ({
    ...{ id: event.id, tenant, event: JSON.stringify(event) },
  }));
  const database = fixture.open(undefined, 'sluice_audit');
  await database.run((connection) => appendLines(connection, lines));
  await database.close();
}

describe('npm run operate', () => {
  it('finds the function by its stack, invokes the live version and prints the result', async () => {
    await fixture.tenant('acme', 'one', 'two');
    const { code, out, err } = await operate(['keys', 'list', 'acme']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/^key +state +created +ends$/),
      expect.stringMatching(new RegExp(`^${id('two')}  valid`)),
      expect.stringMatching(new RegExp(`^${id('one')}  valid`)),
    ]);
    expect(cloud.asked).toEqual([
      expect.stringContaining('StackName=SluiceDevPipeline'),
      '/2015-03-31/functions/operate/invocations?Qualifier=live',
    ]);
  });

  it('revokes a leaked key that is read from standard input and never sent', async () => {
    const key = 'sluice_found-in-a-public-repository';
    await fixture.tenant('acme', key);
    const found = await operate(['keys', 'find', '-'], `${key}\n`);
    expect(found.out).toContain(`It is a key of acme:`);
    const { code, out } = await operate(['keys', 'revoke', 'acme', '-'], key);
    expect(code).toBe(0);
    expect(out).toContain(`Revoked:`);
    expect(out).toContain('The tenant has no valid key any more.');
    expect(await fixture.holder(key)).toBeUndefined();
    expect(JSON.stringify(cloud.asked)).not.toContain('sluice_');
  });

  it('creates a tenant and rotates its keys', async () => {
    const { code, out: created } = await operate(['tenants', 'create', 'acme']);
    expect({ code, created }).toEqual({
      code: 0,
      created: expect.stringMatching(
        /^The tenant acme exists\.\nAPI key, shown only once: sluice_[\w-]{43}\n$/,
      ),
    });
    expect(await fixture.holder(created.trim().split(' ').at(-1) ?? '')).toMatchObject({ tenant: 'acme' });
    await fixture.tenant('acme', 'old');
    const { out } = await operate(['keys', 'rotate', 'acme', '--overlap', '2h', '--json']);
    const answer = JSON.parse(out) as { apiKey: string; ended: { endsAt: string }[] };
    expect(await fixture.holder(answer.apiKey)).toEqual({ tenant: 'acme', endsInMs: null });
    expect((await fixture.holder('old'))?.endsInMs).toBeLessThanOrEqual(7_200_000);
  });

  it('migrates with the function migrate', async () => {
    const { code, out } = await operate(['migrate']);
    expect({ code, out }).toEqual({ code: 0, out: 'Applied 000001_images.sql.\n' });
    expect(cloud.asked).toContain('/2015-03-31/functions/migrate/invocations?Qualifier=live');
  });

  it('shows the state of an image and its next step', async () => {
    await fixture.tenant('acme');
    const image = await fixture.image('acme', { status: 'queued', failures: 2, last_error: 'S3 was away' });
    const one = await operate(['image', image]);
    expect(one.out).toMatch(/^status +queued$/m);
    expect(one.out).toContain('It is retried after 2 of 5 counted failures');
    const all = await operate(['images', 'unfinished', 'acme', '--limit', '1']);
    expect(all.out).toContain(`${image}  queued, 2 failures\n    last error: S3 was away`);
    expect(all.out).toContain('More: --limit');
  });

  it('shows the use of a tenant by hour', async () => {
    await fixture.sql.query(
      `insert into usage_hour (tenant_id, hour, type, images, bytes, megapixels, seconds)
       values ('hourly', date_trunc('hour', now(), 'UTC'), 'image.ready', 3, 6000, 1.5, 12)`,
    );
    const { code, out } = await operate(['usage', 'hourly', '--hours', '2']);
    expect({ code, lines: out.trim().split('\n') }).toEqual({
      code: 0,
      lines: [
        expect.stringMatching(/^hour \(UTC\) +event/),
        expect.stringMatching(/ image\.ready +3 +6000 +1\.5 +12\.0$/),
      ],
    });
    expect((await operate(['usage', 'nobody'])).out).toBe('nobody has no events in these hours.\n');
  });

  it('checks the audit trail of a tenant, and exits with 1 if it is broken', async () => {
    await appended('trail', 3);
    const whole = await operate(['audit', 'verify', 'trail']);
    expect(whole).toMatchObject({ code: 0, err: '' });
    expect(whole.out).toMatch(/^The trail of trail is whole: 3 lines\.\nAnchor: 3:[0-9a-f]{64}\n$/);
    const tamper = async (statement: string) => {
      await fixture.sql.query('begin');
      await fixture.sql.query("set local session_replication_role = 'replica'");
      await fixture.sql.query(statement);
      await fixture.sql.query('commit');
    };
    await tamper("update audit_line set event = event || ' ' where tenant_id = 'trail' and number = 2");
    const broken = await operate(['audit', 'verify', 'trail']);
    expect(broken).toMatchObject({ code: 1, err: '' });
    expect(broken.out).toContain('The trail of trail is broken (3 lines):\n  line 2 was changed\n');
    expect((await operate(['audit', 'verify', 'trail', '--json'])).code).toBe(1);
    // What came after the anchor is whole.
    const anchor = /Anchor: (\S+)/.exec(whole.out)?.[1] ?? '';
    expect((await operate(['audit', 'verify', 'trail', '--after', anchor])).code).toBe(0);
    await tamper("delete from audit_line where tenant_id = 'trail' and number = 2");
    expect((await operate(['audit', 'verify', 'trail'])).out).toContain(
      '\n  line 2 is missing\n  line 3 cannot be verified, because the line before it is missing: it may have been changed\n',
    );
  });

  it.each<[string[], number, string]>([
    [['keys', 'list', 'nobody'], 1, 'tenant_unknown: there is no tenant "nobody"'],
    [['keys', 'list', 'No Name'], 1, 'must be 1-63 of a-z, 0-9 and -'],
    [['image', '00000000-0000-0000-0000-000000000000'], 1, 'image_unknown'],
    [['keys', 'list', 'acme', '--stage', 'prod'], 1, 'busy is busy: it runs one invocation at a time'],
    [['keys', 'list', 'acme', '--stage', 'localstack'], 1, 'has no output OperateFunction'],
    [['keys', 'list', 'acme', '--stage', 'nope'], 2, 'there is no stage "nope"'],
    [['keys', 'lst', 'acme'], 2, 'there is no command "keys lst"'],
  ])('%j exits with %i and a message', async (words, expected, says) => {
    const { code, out, err } = await operate(words);
    expect({ code, out }).toEqual({ code: expected, out: '' });
    expect(err).toContain(says);
    expect(err).not.toMatch(/^\s+at /m);
  });

  it('prints help', async () => {
    expect(await operate(['--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('keys rotate TENANT'),
    });
  });
});
