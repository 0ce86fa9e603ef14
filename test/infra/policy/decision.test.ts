import { describe, expect, it } from 'vitest';
import { conditionsHold } from './conditions.ts';
import { decide, type Policies, type Request, type Statement } from './decision.ts';

const role = 'arn:aws:iam::111122223333:role/worker';
const root = 'arn:aws:iam::111122223333:root';
const bucket = 'arn:aws:s3:::images';
const request = (changes: Partial<Request> = {}): Request => ({
  caller: { role },
  action: 's3:GetObject',
  resource: `${bucket}/incoming/a/1`,
  context: {},
  ...changes,
});
const allow = (changes: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action: 's3:GetObject',
  Resource: `${bucket}/incoming/*`,
  ...changes,
});
const deny = (changes: Partial<Statement> = {}) => allow({ ...changes, Effect: 'Deny' });
const allPrincipals = { Principal: '*' } as const;
const decided = (policies: Partial<Policies>, changes: Partial<Request> = {}) =>
  decide(request(changes), { identity: [], ...policies });

describe('IAM’s decision', () => {
  it.each([
    ['no statement matches', {}, 'denied'],
    ['the role may', { identity: [allow()] }, 'allowed'],
    ['the role may and may not', { identity: [allow(), deny()] }, 'explicitly denied'],
    [
      'the role may and the bucket forbids it',
      { identity: [allow()], resource: [deny(allPrincipals)] },
      'explicitly denied',
    ],
    ['the bucket lets the role', { resource: [allow({ Principal: { AWS: role } })] }, 'allowed'],
    ['the bucket leaves it to the account', { resource: [allow({ Principal: { AWS: root } })] }, 'denied'],
    ['the bucket lets another role', { resource: [allow({ Principal: { AWS: `${role}2` } })] }, 'denied'],
    [
      'the bucket lets a service',
      { resource: [allow({ Principal: { Service: 's3.amazonaws.com' } })] },
      'denied',
    ],
    ['another action', { identity: [allow({ Action: ['s3:GetObjectAcl', 's3:PutObject'] })] }, 'denied'],
    ['an action in other letters', { identity: [allow({ Action: 'S3:getobject' })] }, 'allowed'],
    ['an action by its beginning', { identity: [allow({ Action: 's3:Get*' })] }, 'allowed'],
    [
      'all actions but this',
      { identity: [allow({ Action: undefined as never, NotAction: 's3:GetObject' })] },
      'denied',
    ],
    ['another prefix', { identity: [allow({ Resource: `${bucket}/derived/*` })] }, 'denied'],
    ['the bucket without its objects', { identity: [allow({ Resource: bucket })] }, 'denied'],
    ['a resource in other letters', { identity: [allow({ Resource: `${bucket}/INCOMING/*` })] }, 'denied'],
    [
      'all resources but these',
      { identity: [deny({ Resource: undefined as never, NotResource: `${bucket}/*` }), allow()] },
      'allowed',
    ],
  ] as [string, Partial<Policies>, string][])('where %s', (_, policies, decision) => {
    const given = JSON.parse(JSON.stringify(policies)) as Partial<Policies>;
    expect(decided(given)).toBe(decision);
  });

  it('a request needs the endpoint’s permission too, if there is one', () => {
    const identity = [allow()];
    const other = 'arn:aws:s3:::other/*';
    expect(decided({ identity, endpoint: [allow(allPrincipals)] })).toBe('allowed');
    expect(decided({ identity, endpoint: [allow({ ...allPrincipals, Resource: other })] })).toBe('denied');
    expect(decided({ identity, endpoint: [] })).toBe('denied');
    expect(decided({ endpoint: [allow(allPrincipals)] })).toBe('denied');
    expect(decided({ identity, endpoint: [allow(allPrincipals), deny(allPrincipals)] })).toBe(
      'explicitly denied',
    );
  });

  it('a request needs the key policy, and the role’s policy if the key policy delegates to IAM', () => {
    const identity = [allow()];
    const key = { resourceDecides: true };
    expect(decided({ ...key, identity })).toBe('denied');
    expect(decided({ ...key, identity, resource: [allow({ Principal: { AWS: root } })] })).toBe('allowed');
    expect(decided({ ...key, resource: [allow({ Principal: { AWS: root } })] })).toBe('denied');
    expect(decided({ ...key, resource: [allow({ Principal: { AWS: role } })] })).toBe('allowed');
  });

  it('decisions cover services and anonymous callers', () => {
    const resource = [allow({ Principal: { Service: 'logs.amazonaws.com' } })];
    expect(decided({ resource }, { caller: { service: 'logs.amazonaws.com' } })).toBe('allowed');
    expect(decided({ resource }, { caller: { service: 'sns.amazonaws.com' } })).toBe('denied');
    expect(decided({ resource }, { caller: 'anonymous' })).toBe('denied');
    expect(decided({ resource: [allow(allPrincipals)] }, { caller: 'anonymous' })).toBe('allowed');
    // A service has no role.
    expect(decided({ identity: [allow()] }, { caller: { service: 'sns.amazonaws.com' } })).toBe('denied');
  });
});

describe('a condition', () => {
  const context = {
    'aws:SecureTransport': 'false',
    's3:TlsVersion': '1.1',
    'kms:ViaService': 's3.eu-central-1.amazonaws.com',
  };
  it.each([
    ['Bool', 'aws:SecureTransport', 'false', true],
    ['Bool', 'aws:SecureTransport', 'true', false],
    ['Bool', 'aws:Absent', 'false', false],
    ['BoolIfExists', 'aws:Absent', 'true', true],
    ['NumericLessThan', 's3:TlsVersion', '1.2', true],
    ['NumericLessThan', 's3:TlsVersion', 1.1, false],
    ['NumericGreaterThan', 's3:signatureAge', 1000, false],
    ['StringEquals', 'kms:viaservice', ['x', 's3.eu-central-1.amazonaws.com'], true],
    ['StringEquals', 'kms:ViaService', 's3.*', false],
    ['StringLike', 'kms:ViaService', 's3.*.amazonaws.com', true],
    ['StringNotEquals', 'kms:ViaService', ['x', 's3.eu-central-1.amazonaws.com'], false],
    ['StringNotEquals', 'kms:ViaService', 'x', true],
    ['StringNotEquals', 'kms:Absent', 'x', true],
    ['StringEquals', 'kms:Absent', 'x', false],
    ['Null', 'kms:Absent', 'true', true],
    ['Null', 'kms:Absent', 'false', false],
    ['Null', 'kms:ViaService', 'false', true],
    ['Null', 'kms:ViaService', 'true', false],
  ])('%s of %s and %s', (operator, key, wanted, holds) => {
    expect(conditionsHold({ [operator]: { [key]: wanted } }, context)).toBe(holds);
  });

  it('a condition holds only if all of its operators and keys hold', () => {
    const one = { 's3:TlsVersion': '1.1' };
    expect(conditionsHold({ StringEquals: one, Bool: { 'aws:SecureTransport': 'false' } }, context)).toBe(
      true,
    );
    expect(conditionsHold({ StringEquals: one, Bool: { 'aws:SecureTransport': 'true' } }, context)).toBe(
      false,
    );
    expect(conditionsHold({ StringEquals: { ...one, 'kms:ViaService': 'x' } }, context)).toBe(false);
  });

  it('a condition on an ARN compares segment by segment', () => {
    const of = (arn: string, pattern: string) =>
      conditionsHold({ ArnLike: { 'aws:SourceArn': pattern } }, { 'aws:SourceArn': arn });
    const group = 'arn:aws:logs:eu-central-1:111122223333:log-group:Sluice-Api';
    expect(of(group, 'arn:aws:logs:*:111122223333:log-group:Sluice-*')).toBe(true);
    expect(of(group, 'arn:aws:logs:*:log-group:Sluice-*')).toBe(false);
    expect(of(group, 'arn:aws:logs:eu-central-1:111122223333:log-group:Other-*')).toBe(false);
  });

  it.each([
    ['an operator', { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } }],
    ['a policy variable', { StringLike: { 'kms:ViaService': `\${aws:username}` } }],
  ])('an unknown %s in a condition is an error', (_, conditions) => {
    expect(() => conditionsHold(conditions, context)).toThrow(TypeError);
  });
});
