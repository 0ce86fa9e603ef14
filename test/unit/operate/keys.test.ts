import { describe, expect, it } from 'vitest';
import type { KeyChange, KeySummary } from '../../../lambda/operate/keys.ts';
import { hash, id, mistake, useFixture } from './fixture.ts';

/* What operators can do without access to the database. */

const fixture = useFixture();

const acme = { operation: 'makeTenant', tenant: 'acme' };
const states = (keys: KeySummary[]) => keys.map((key) => [key.id, key.state]);

describe('tenants', () => {
  it('a tenant is created with a new key, which is returned once and stored only as its hash', async () => {
    const { apiKey, ...rest } = await fixture.invoke<{ apiKey: string }>(acme);
    expect(rest).toEqual({ tenant: 'acme' });
    expect(apiKey).toMatch(/^sluice_[A-Za-z0-9_-]{43}$/);
    expect(await fixture.holder(apiKey)).toMatchObject({ tenant: 'acme' });
    expect(JSON.stringify(fixture.log.lines)).not.toContain(apiKey);
    expect((await fixture.invoke<{ apiKey: string }>(acme)).apiKey).not.toBe(apiKey);
  });

  it('a tenant can be created repeatedly with the hash of a key', async () => {
    const keySha256 = hash('mine').toString('hex');
    for (let round = 0; round < 2; round += 1)
      expect(await fixture.invoke({ ...acme, keySha256 })).toEqual({ tenant: 'acme' });
    expect(JSON.stringify(fixture.log.lines)).not.toContain(keySha256.slice(0, 13));
    const other = fixture.invoke({ ...acme, tenant: 'other', keySha256 });
    await expect(other).rejects.toMatchObject({ name: 'KeyTaken' });
    expect(await fixture.holder('mine')).toMatchObject({ tenant: 'acme' });
  });

  it('a revoked key is not accepted again', async () => {
    const keySha256 = hash('mine').toString('hex');
    await fixture.invoke({ ...acme, keySha256 });
    await fixture.invoke({ operation: 'revokeAllKeys', tenant: 'acme' });
    const again = fixture.invoke({ ...acme, keySha256 });
    await expect(again).rejects.toMatchObject({ name: 'KeyRevoked' });
    expect(await fixture.holder('mine')).toBeUndefined();
  });

  it.each([
    ['an invalid name', { tenant: 'No Name' }, /tenant/],
    ['an invalid hash', { tenant: 'acme', keySha256: 'abc' }, /keySha256/],
    ['a key without a tenant', { keySha256: 'ab'.repeat(32) }, /tenant/],
  ])('no tenant is created from %s', async (_, event, message) => {
    await expect(fixture.invoke({ operation: 'makeTenant', ...event })).rejects.toThrow(message);
    expect(await fixture.invoke({ operation: 'listTenants' })).toMatchObject({ tenants: [] });
  });

  it('tenants are listed by name in pages, with the number of their valid keys', async () => {
    await fixture.tenant('acme', 'one', 'two');
    await fixture.tenant('bold');
    await fixture.tenant('calm', 'three');
    await fixture.invoke({ operation: 'revokeAllKeys', tenant: 'calm' });
    await fixture.invoke({ operation: 'rotateKeys', tenant: 'acme', overlapSeconds: 60 });
    const first = await fixture.invoke({ operation: 'listTenants', limit: 2 });
    expect(first).toMatchObject({
      tenants: [
        { tenant: 'acme', validKeys: 3 },
        { tenant: 'bold', validKeys: 0 },
      ],
      more: true,
    });
    expect(await fixture.invoke({ operation: 'listTenants', after: 'bold', limit: 2 })).toMatchObject({
      tenants: [{ tenant: 'calm', validKeys: 0 }],
      more: false,
    });
  });
});

describe('keys', () => {
  it('keys are listed newest first by an id, without the key or its whole hash', async () => {
    await fixture.tenant('acme', 'old', 'new');
    const answer = await fixture.invoke<{ keys: KeySummary[] }>({ operation: 'listKeys', tenant: 'acme' });
    expect(states(answer.keys)).toEqual([
      [id('new'), 'valid'],
      [id('old'), 'valid'],
    ]);
    expect(JSON.stringify(answer)).not.toContain(hash('old').toString('hex').slice(0, 13));
  });

  it('the list is empty for a tenant without keys', async () => {
    await fixture.tenant('acme');
    expect(await fixture.invoke({ operation: 'listKeys', tenant: 'acme' })).toEqual({
      tenant: 'acme',
      keys: [],
    });
  });

  it('a key of any tenant is found by the beginning of its hash', async () => {
    await fixture.tenant('acme', 'one');
    await fixture.tenant('bold', 'two');
    const digits = hash('two').toString('hex');
    for (const key of [digits.slice(0, 8), id('two'), digits])
      expect(await fixture.invoke({ operation: 'findKey', key })).toMatchObject({
        tenant: 'bold',
        key: { id: id('two') },
      });
    await expect(fixture.invoke({ operation: 'findKey', key: id('three') })).rejects.toMatchObject(
      mistake('key_unknown'),
    );
  });

  it('a key is created for an existing tenant, and returned only once', async () => {
    await fixture.tenant('acme', 'one');
    const { apiKey = '', ...rest } = await fixture.invoke<KeyChange>({
      operation: 'makeKey',
      tenant: 'acme',
    });
    expect(rest).toMatchObject({ tenant: 'acme', keyId: id(apiKey), ended: [], validKeys: 2 });
    expect(await fixture.holder(apiKey)).toEqual({ tenant: 'acme', endsInMs: null });
    expect(JSON.stringify(fixture.log.lines)).not.toContain(apiKey);
    expect(await fixture.sql.query('select from api_key where sha256 = $1', [hash(apiKey)])).toMatchObject({
      rowCount: 1,
    });
  });

  it('a revoked key is invalid; revoking it again says so', async () => {
    await fixture.tenant('acme', 'one', 'two');
    const revoke = { operation: 'revokeKey', tenant: 'acme', key: id('one') };
    const first = await fixture.invoke<KeyChange>(revoke);
    expect(first).toMatchObject({
      ended: [{ id: id('one'), state: 'revoked' }],
      endedBefore: [],
      validKeys: 1,
    });
    expect(first.note).toContain('30 seconds');
    expect(await fixture.holder('one')).toBeUndefined();
    expect(await fixture.holder('two')).toMatchObject({ tenant: 'acme' });
    const again = await fixture.invoke<KeyChange>(revoke);
    expect(again).toMatchObject({ ended: [], endedBefore: first.ended, validKeys: 1 });
    expect(again.note).toBe('The key was already revoked.');
  });

  it('all keys can be revoked, and the result warns about it', async () => {
    await fixture.tenant('acme', 'one', 'two');
    await fixture.tenant('bold', 'three');
    const answer = await fixture.invoke<KeyChange>({ operation: 'revokeAllKeys', tenant: 'acme' });
    expect(states(answer.ended)).toEqual([
      [id('two'), 'revoked'],
      [id('one'), 'revoked'],
    ]);
    expect(answer).toMatchObject({
      validKeys: 0,
      note: expect.stringContaining('The tenant has no valid key any more.'),
    });
    expect(await fixture.holder('three')).toMatchObject({ tenant: 'bold' });
    expect(await fixture.invoke({ operation: 'revokeAllKeys', tenant: 'acme' })).toMatchObject({
      ended: [],
      validKeys: 0,
    });
  });

  it('a rotation without overlap leaves only the new key', async () => {
    await fixture.tenant('acme', 'one', 'two');
    const { apiKey = '', ...rest } = await fixture.invoke<KeyChange>({
      operation: 'rotateKeys',
      tenant: 'acme',
    });
    expect(rest).toMatchObject({ keyId: id(apiKey), validKeys: 1 });
    expect(rest.ended).toHaveLength(2);
    expect([await fixture.holder('one'), await fixture.holder('two'), await fixture.holder(apiKey)]).toEqual([
      undefined,
      undefined,
      { tenant: 'acme', endsInMs: null },
    ]);
  });

  it('a rotated key works until the end of the overlap, which a later rotation does not extend', async () => {
    await fixture.tenant('acme', 'one');
    const overlapSeconds = 3_600;
    const first = await fixture.invoke<KeyChange>({
      operation: 'rotateKeys',
      tenant: 'acme',
      overlapSeconds,
    });
    expect(first).toMatchObject({ validKeys: 2, ended: [{ id: id('one'), state: 'ending' }] });
    const { endsInMs } = (await fixture.holder('one')) ?? {};
    expect(endsInMs).toBeGreaterThan(0);
    expect(endsInMs).toBeLessThanOrEqual(1000 * overlapSeconds);
    const ends = first.ended[0]?.endsAt;
    const second = await fixture.invoke<KeyChange>({
      operation: 'rotateKeys',
      tenant: 'acme',
      overlapSeconds: 2 * overlapSeconds,
    });
    expect(states(second.ended)).toEqual([[first.keyId, 'ending']]);
    const { keys } = await fixture.invoke<{ keys: KeySummary[] }>({ operation: 'listKeys', tenant: 'acme' });
    expect(keys.find((key) => key.id === id('one'))?.endsAt).toBe(ends);
    // A revocation ends the overlap.
    await fixture.invoke({ operation: 'revokeKey', tenant: 'acme', key: id('one') });
    expect(await fixture.holder('one')).toBeUndefined();
    await fixture.sql.query(
      "update api_key set revoked_at = now() - interval '1 second' where revoked_at > now()",
    );
    expect(await fixture.invoke({ operation: 'listKeys', tenant: 'acme' })).toMatchObject({
      keys: [{ state: 'valid' }, { state: 'revoked' }, { state: 'revoked' }],
    });
  });

  it.each([
    [29, '30 seconds more'],
    [30, 'until they end, and no longer'],
  ])('the note after a rotation with an overlap of %i seconds is: %s', async (overlapSeconds, words) => {
    await fixture.tenant('acme', 'one');
    const rotate = { operation: 'rotateKeys', tenant: 'acme', overlapSeconds };
    expect((await fixture.invoke<KeyChange>(rotate)).note).toContain(words);
  });

  it('digits that begin two keys are ambiguous', async () => {
    await fixture.tenant('acme');
    for (const end of ['00', '01'])
      await fixture.sql.query('insert into api_key (sha256, tenant_id) values ($1, $2)', [
        Buffer.from(`${'ab'.repeat(31)}${end}`, 'hex'),
        'acme',
      ]);
    const revoke = { operation: 'revokeKey', tenant: 'acme', key: 'abababab' };
    await expect(fixture.invoke(revoke)).rejects.toMatchObject(mistake('key_ambiguous'));
    expect(await fixture.invoke({ operation: 'listTenants' })).toMatchObject({ tenants: [{ validKeys: 2 }] });
    expect(await fixture.invoke({ ...revoke, key: `${'ab'.repeat(31)}01` })).toMatchObject({ validKeys: 1 });
  });

  it('a key of another tenant is not revoked, and the error names its tenant', async () => {
    await fixture.tenant('acme', 'one');
    await fixture.tenant('bold', 'two');
    const refused = fixture.invoke({ operation: 'revokeKey', tenant: 'acme', key: id('two') });
    await expect(refused).rejects.toThrow(`key_unknown: the key ${id('two')} belongs to the tenant "bold"`);
    expect(await fixture.holder('two')).toMatchObject({ tenant: 'bold' });
  });
});
