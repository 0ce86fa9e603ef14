import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { KeyChange, KeySummary } from '../../../lambda/operate/keys.ts';
import { type Asking, hash, id, mistake, openAsking } from './asking.ts';

/* What operators can do without access to the database. */

let asking: Asking;
beforeAll(async () => {
  asking = await openAsking();
});
afterAll(() => asking.close());
afterEach(async () => {
  await asking.empty();
});

const acme = { operation: 'makeTenant', tenant: 'acme' };
const states = (keys: KeySummary[]) => keys.map((key) => [key.id, key.state]);

describe('tenants', () => {
  it('are created with a new key, which is returned once and stored only as its hash', async () => {
    const { apiKey, ...rest } = await asking.ask<{ apiKey: string }>(acme);
    expect(rest).toEqual({ tenant: 'acme' });
    expect(apiKey).toMatch(/^sluice_[A-Za-z0-9_-]{43}$/);
    expect(await asking.holder(apiKey)).toMatchObject({ tenant: 'acme' });
    expect(JSON.stringify(asking.log.lines)).not.toContain(apiKey);
    expect((await asking.ask<{ apiKey: string }>(acme)).apiKey).not.toBe(apiKey);
  });

  it('are created with the key whose hash is given, repeatedly', async () => {
    const keySha256 = hash('mine').toString('hex');
    for (let round = 0; round < 2; round += 1)
      expect(await asking.ask({ ...acme, keySha256 })).toEqual({ tenant: 'acme' });
    expect(JSON.stringify(asking.log.lines)).not.toContain(keySha256.slice(0, 13));
    const other = asking.ask({ ...acme, tenant: 'other', keySha256 });
    await expect(other).rejects.toMatchObject({ name: 'KeyTaken' });
    expect(await asking.holder('mine')).toMatchObject({ tenant: 'acme' });
  });

  it('do not get a revoked key back: there was a reason to revoke it', async () => {
    const keySha256 = hash('mine').toString('hex');
    await asking.ask({ ...acme, keySha256 });
    await asking.ask({ operation: 'revokeAllKeys', tenant: 'acme' });
    const again = asking.ask({ ...acme, keySha256 });
    await expect(again).rejects.toMatchObject({ name: 'KeyRevoked' });
    expect(await asking.holder('mine')).toBeUndefined();
  });

  it.each([
    ['an invalid name', { tenant: 'No Name' }, /tenant/],
    ['an invalid hash', { tenant: 'acme', keySha256: 'abc' }, /keySha256/],
    ['a key without a tenant', { keySha256: 'ab'.repeat(32) }, /tenant/],
  ])('are not created from %s', async (_, event, message) => {
    await expect(asking.ask({ operation: 'makeTenant', ...event })).rejects.toThrow(message);
    expect(await asking.ask({ operation: 'listTenants' })).toMatchObject({ tenants: [] });
  });

  it('are listed by name with how many keys open each, a page at a time', async () => {
    await asking.tenant('acme', 'one', 'two');
    await asking.tenant('bold');
    await asking.tenant('calm', 'three');
    await asking.ask({ operation: 'revokeAllKeys', tenant: 'calm' });
    await asking.ask({ operation: 'rotateKeys', tenant: 'acme', overlapSeconds: 60 });
    const first = await asking.ask({ operation: 'listTenants', limit: 2 });
    expect(first).toMatchObject({
      tenants: [
        { tenant: 'acme', validKeys: 3 },
        { tenant: 'bold', validKeys: 0 },
      ],
      more: true,
    });
    expect(await asking.ask({ operation: 'listTenants', after: 'bold', limit: 2 })).toMatchObject({
      tenants: [{ tenant: 'calm', validKeys: 0 }],
      more: false,
    });
  });
});

describe('keys', () => {
  it('are listed newest first by an id, and nothing tells the key or its whole hash', async () => {
    await asking.tenant('acme', 'old', 'new');
    const answer = await asking.ask<{ keys: KeySummary[] }>({ operation: 'listKeys', tenant: 'acme' });
    expect(states(answer.keys)).toEqual([
      [id('new'), 'valid'],
      [id('old'), 'valid'],
    ]);
    expect(JSON.stringify(answer)).not.toContain(hash('old').toString('hex').slice(0, 13));
  });

  it('of a tenant without any are an empty list', async () => {
    await asking.tenant('acme');
    expect(await asking.ask({ operation: 'listKeys', tenant: 'acme' })).toEqual({ tenant: 'acme', keys: [] });
  });

  it('are found by the beginning of their hash, whoever they are of', async () => {
    await asking.tenant('acme', 'one');
    await asking.tenant('bold', 'two');
    const digits = hash('two').toString('hex');
    for (const key of [digits.slice(0, 8), id('two'), digits])
      expect(await asking.ask({ operation: 'findKey', key })).toMatchObject({
        tenant: 'bold',
        key: { id: id('two') },
      });
    await expect(asking.ask({ operation: 'findKey', key: id('three') })).rejects.toMatchObject(
      mistake('key_unknown'),
    );
  });

  it('are made for a tenant that is there, and told once', async () => {
    await asking.tenant('acme', 'one');
    const { apiKey = '', ...rest } = await asking.ask<KeyChange>({ operation: 'makeKey', tenant: 'acme' });
    expect(rest).toMatchObject({ tenant: 'acme', keyId: id(apiKey), ended: [], validKeys: 2 });
    expect(await asking.holder(apiKey)).toEqual({ tenant: 'acme', endsInMs: null });
    expect(JSON.stringify(asking.log.lines)).not.toContain(apiKey);
    expect(await asking.sql.query('select from api_key where sha256 = $1', [hash(apiKey)])).toMatchObject({
      rowCount: 1,
    });
  });

  it('that are revoked open nothing, however often they are; the answer says what this call did', async () => {
    await asking.tenant('acme', 'one', 'two');
    const revoke = { operation: 'revokeKey', tenant: 'acme', key: id('one') };
    const first = await asking.ask<KeyChange>(revoke);
    expect(first).toMatchObject({
      ended: [{ id: id('one'), state: 'revoked' }],
      endedBefore: [],
      validKeys: 1,
    });
    expect(first.note).toContain('30 seconds');
    expect(await asking.holder('one')).toBeUndefined();
    expect(await asking.holder('two')).toMatchObject({ tenant: 'acme' });
    const again = await asking.ask<KeyChange>(revoke);
    expect(again).toMatchObject({ ended: [], endedBefore: first.ended, validKeys: 1 });
    expect(again.note).toBe('The key was already revoked.');
  });

  it('may be revoked to the last, of which the answer warns', async () => {
    await asking.tenant('acme', 'one', 'two');
    await asking.tenant('bold', 'three');
    const answer = await asking.ask<KeyChange>({ operation: 'revokeAllKeys', tenant: 'acme' });
    expect(states(answer.ended)).toEqual([
      [id('two'), 'revoked'],
      [id('one'), 'revoked'],
    ]);
    expect(answer).toMatchObject({
      validKeys: 0,
      note: expect.stringContaining('The tenant has no valid key any more.'),
    });
    expect(await asking.holder('three')).toMatchObject({ tenant: 'bold' });
    expect(await asking.ask({ operation: 'revokeAllKeys', tenant: 'acme' })).toMatchObject({
      ended: [],
      validKeys: 0,
    });
  });

  it('that are rotated at once leave the new one alone', async () => {
    await asking.tenant('acme', 'one', 'two');
    const { apiKey = '', ...rest } = await asking.ask<KeyChange>({ operation: 'rotateKeys', tenant: 'acme' });
    expect(rest).toMatchObject({ keyId: id(apiKey), validKeys: 1 });
    expect(rest.ended).toHaveLength(2);
    expect([await asking.holder('one'), await asking.holder('two'), await asking.holder(apiKey)]).toEqual([
      undefined,
      undefined,
      { tenant: 'acme', endsInMs: null },
    ]);
  });

  it('that are rotated with an overlap open the tenant until its end, and a later rotation does not prolong it', async () => {
    await asking.tenant('acme', 'one');
    const overlapSeconds = 3_600;
    const first = await asking.ask<KeyChange>({ operation: 'rotateKeys', tenant: 'acme', overlapSeconds });
    expect(first).toMatchObject({ validKeys: 2, ended: [{ id: id('one'), state: 'ending' }] });
    const { endsInMs } = (await asking.holder('one')) ?? {};
    expect(endsInMs).toBeGreaterThan(0);
    expect(endsInMs).toBeLessThanOrEqual(1000 * overlapSeconds);
    const ends = first.ended[0]?.endsAt;
    const second = await asking.ask<KeyChange>({
      operation: 'rotateKeys',
      tenant: 'acme',
      overlapSeconds: 2 * overlapSeconds,
    });
    expect(states(second.ended)).toEqual([[first.keyId, 'ending']]);
    const { keys } = await asking.ask<{ keys: KeySummary[] }>({ operation: 'listKeys', tenant: 'acme' });
    expect(keys.find((key) => key.id === id('one'))?.endsAt).toBe(ends);
    // Whoever revokes does not wait for the overlap.
    await asking.ask({ operation: 'revokeKey', tenant: 'acme', key: id('one') });
    expect(await asking.holder('one')).toBeUndefined();
    await asking.sql.query(
      "update api_key set revoked_at = now() - interval '1 second' where revoked_at > now()",
    );
    expect(await asking.ask({ operation: 'listKeys', tenant: 'acme' })).toMatchObject({
      keys: [{ state: 'valid' }, { state: 'revoked' }, { state: 'revoked' }],
    });
  });

  it.each([
    [29, '30 seconds more'],
    [30, 'until they end, and no longer'],
  ])(
    'that are rotated with an overlap of %i seconds end as the answer says: %s',
    async (overlapSeconds, words) => {
      await asking.tenant('acme', 'one');
      const rotate = { operation: 'rotateKeys', tenant: 'acme', overlapSeconds };
      expect((await asking.ask<KeyChange>(rotate)).note).toContain(words);
    },
  );

  it('are not named by digits that two of them begin with', async () => {
    await asking.tenant('acme');
    for (const end of ['00', '01'])
      await asking.sql.query('insert into api_key (sha256, tenant_id) values ($1, $2)', [
        Buffer.from(`${'ab'.repeat(31)}${end}`, 'hex'),
        'acme',
      ]);
    const revoke = { operation: 'revokeKey', tenant: 'acme', key: 'abababab' };
    await expect(asking.ask(revoke)).rejects.toMatchObject(mistake('key_ambiguous'));
    expect(await asking.ask({ operation: 'listTenants' })).toMatchObject({ tenants: [{ validKeys: 2 }] });
    expect(await asking.ask({ ...revoke, key: `${'ab'.repeat(31)}01` })).toMatchObject({ validKeys: 1 });
  });

  it('of another tenant are not revoked, and it is said whose they are', async () => {
    await asking.tenant('acme', 'one');
    await asking.tenant('bold', 'two');
    const refused = asking.ask({ operation: 'revokeKey', tenant: 'acme', key: id('two') });
    await expect(refused).rejects.toThrow(`key_unknown: the key ${id('two')} belongs to the tenant "bold"`);
    expect(await asking.holder('two')).toMatchObject({ tenant: 'bold' });
  });
});
