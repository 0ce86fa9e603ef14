import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CommandMistake, readCommand } from '../../../bin/operate/command.ts';
import { checkEvent } from '../../../lambda/migrate/event.ts';
import { readEvent } from '../../../lambda/operate/event.ts';

const read = (line: string, key = '') => readCommand(line.split(' '), () => key);
const key = 'sluice_0123456789abcdefghijklmnop';
const hash = createHash('sha256').update(key).digest('hex');

describe('a command line', () => {
  it.each([
    ['tenants list', { operation: 'listTenants' }],
    ['tenants list --after acme', { operation: 'listTenants', after: 'acme' }],
    ['tenants create acme', { operation: 'makeTenant', tenant: 'acme' }],
    ['keys list acme', { operation: 'listKeys', tenant: 'acme' }],
    ['keys find abcdef012345', { operation: 'findKey', key: 'abcdef012345' }],
    [`keys find ${key}`, { operation: 'findKey', key: hash }],
    ['keys create acme', { operation: 'makeKey', tenant: 'acme' }],
    ['keys revoke acme abcdef012345', { operation: 'revokeKey', tenant: 'acme', key: 'abcdef012345' }],
    [`keys revoke acme -`, { operation: 'revokeKey', tenant: 'acme', key: hash }],
    ['keys revoke acme --all', { operation: 'revokeAllKeys', tenant: 'acme' }],
    ['keys rotate acme', { operation: 'rotateKeys', tenant: 'acme' }],
    ['keys rotate acme --overlap 2d', { operation: 'rotateKeys', tenant: 'acme', overlapSeconds: 172_800 }],
    ['images failed acme --limit 5', { operation: 'listImages', tenant: 'acme', which: 'failed', limit: 5 }],
    ['plans list', { operation: 'listPlans' }],
    [
      'plans set pro {"weight":2,"quotas":{"images":{"perDay":5}}}',
      { operation: 'setPlan', plan: 'pro', terms: { weight: 2, quotas: { images: { perDay: 5 } } } },
    ],
    ['plans remove pro', { operation: 'removePlan', plan: 'pro' }],
    ['plans give acme pro', { operation: 'givePlan', tenant: 'acme', plan: 'pro' }],
    ['usage acme', { operation: 'showUsage', tenant: 'acme' }],
    ['usage acme --hours 48', { operation: 'showUsage', tenant: 'acme', hours: 48 }],
    ['audit verify acme', { operation: 'verifyAudit', tenant: 'acme' }],
    [`audit verify acme --after 7:${hash}`, { operation: 'verifyAudit', tenant: 'acme', after: `7:${hash}` }],
    ['quota acme', { operation: 'showUse', tenant: 'acme' }],
    [
      'image 019a2b3c-4d5e-7f60-8123-456789abcdef',
      { operation: 'showImage', image: '019a2b3c-4d5e-7f60-8123-456789abcdef' },
    ],
  ])('"%s" is an event of operate', (line, event) => {
    expect(read(line, `${key}\n`)).toMatchObject({ event, output: 'OperateFunction' });
    expect(read(line, `${key}\n`)?.event).toEqual(event);
    expect(readEvent(event)).toMatchObject(event);
  });

  it('"migrate" is an event of migrate', () => {
    expect(read('migrate')).toMatchObject({ event: {}, output: 'MigrateFunction' });
    expect(() => checkEvent(read('migrate')?.event)).not.toThrow();
  });

  it('the options name a deployment', () => {
    expect(read('keys list acme --stage prod --profile one --region eu-west-1 --json')).toMatchObject({
      stage: 'prod',
      profile: 'one',
      region: 'eu-west-1',
      json: true,
    });
    expect(read('keys list acme --function other')).toMatchObject({
      stage: 'dev',
      functionName: 'other',
      json: false,
    });
  });

  it.each([
    ['keys', 'there is no command "keys"'],
    ['keys list', 'keys list takes TENANT, not nothing'],
    ['keys list one two', 'keys list takes TENANT, not one two'],
    ['keys list acme --all', 'keys list has no option --all'],
    ['plans set pro {weight:2}', '"{weight:2}" is not JSON'],
    ['plans set pro', 'plans set takes NAME TERMS, not pro'],
    ['keys revoke acme', 'takes TENANT KEY (or --all)'],
    ['keys revoke acme abcdef012345 --all', 'takes TENANT, not acme abcdef012345'],
    ['keys revoke acme short', '"short" is neither a key nor the id of one'],
    ['keys rotate acme --overlap 2', '--overlap 2 is not a duration'],
    ['images failed acme --limit many', '--limit many is not a number of images'],
    ['images ready acme', 'there is no command "images ready"'],
    ['image', 'image takes ID, not nothing'],
    ['migrate now', 'migrate takes no argument, not now'],
    ['keys list acme --jsn', "Unknown option '--jsn'"],
  ])('"%s" is rejected: %s', (line, words) => {
    expect(() => read(line)).toThrow(CommandMistake);
    expect(() => read(line)).toThrow(words);
  });

  it('an invalid key from standard input is reported without repeating it', () => {
    expect(() => read('keys find -', 'secret stuff')).toThrow('the input is neither a key');
  });

  it('--help and an empty command line request help', () => {
    expect([read('--help'), read('keys --help'), readCommand([], () => '')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
