import { type Conditions, conditionsHold, matches, type RequestContext } from './conditions.ts';

/** One statement, with its texts as deployed. */
export interface Statement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Principal?: '*' | Record<string, string | string[]>;
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: Conditions;
}
export type Policy = readonly Statement[];

/** A request. Its caller is a role (its ARN), a service (`sqs.amazonaws.com`) or anonymous. */
export interface Request {
  caller: { role: string } | { service: string } | 'anonymous';
  action: string;
  resource: string;
  context: RequestContext;
}

/** All policies that apply. */
export interface Policies {
  /** Statements of the caller's role. */
  identity: Policy;
  /** Statements of the requested resource. */
  resource?: Policy | undefined;
  /** KMS keys: their policy must allow; for other resources the role's policy suffices. */
  resourceDecides?: boolean;
  /** Statements of the endpoint that the request uses. */
  endpoint?: Policy | undefined;
}

export type Decision = 'allowed' | 'denied' | 'explicitly denied';

/**
 * IAM's decision within one account, without boundaries, session policies and organisations, which we do not use: a denial
 * wins; an endpoint must allow; then the role or the resource must, and for a key both, unless its policy names the caller.
 */
export function decide(request: Request, policies: Policies): Decision {
  const { identity, resource = [], endpoint, resourceDecides = false } = policies;
  const isRole = typeof request.caller === 'object' && 'role' in request.caller;
  const all: { policy: Policy; names: boolean }[] = [
    ...(isRole ? [{ policy: identity, names: false }] : []),
    { policy: resource, names: true },
    ...(endpoint === undefined ? [] : [{ policy: endpoint, names: true }]),
  ];
  const says = (policy: Policy, effect: Statement['Effect'], names: boolean) =>
    policy.filter((one) => one.Effect === effect && applies(one, request, names));
  if (all.some(({ policy, names }) => says(policy, 'Deny', names).length > 0)) return 'explicitly denied';
  if (endpoint !== undefined && says(endpoint, 'Allow', true).length === 0) return 'denied';

  const granted = isRole && says(identity, 'Allow', false).length > 0;
  const offered = says(resource, 'Allow', true);
  // Naming the account delegates to its own policies; naming the caller (or all principals) suffices.
  const direct = offered.some(({ Principal }) => !onlyAccount(Principal));
  const allowed = resourceDecides ? direct || (granted && offered.length > 0) : direct || granted;
  return allowed ? 'allowed' : 'denied';
}

function applies(statement: Statement, request: Request, names: boolean): boolean {
  const { Action, NotAction, Resource, NotResource, Principal, Condition = {} } = statement;
  const action = (pattern: string) => matches(pattern.toLowerCase(), request.action.toLowerCase());
  const resource = (pattern: string) => matches(pattern, request.resource);
  if (!either(Action, NotAction, action) || !either(Resource, NotResource, resource)) return false;
  if (names && !isNamed(Principal, request)) return false;
  return conditionsHold(Condition, request.context);
}

function either(
  these: string | string[] | undefined,
  allBut: string | string[] | undefined,
  match: (pattern: string) => boolean,
): boolean {
  if (these !== undefined) return [these].flat().some(match);
  if (allBut !== undefined) return ![allBut].flat().some(match);
  throw new TypeError('a statement says neither what it is about nor what it is not about');
}

function isNamed(principal: Statement['Principal'], { caller }: Request): boolean {
  if (principal === undefined) throw new TypeError('a statement of a resource names no principal');
  if (principal === '*') return true;
  return Object.entries(principal).some(([kind, names]) =>
    [names].flat().some((name) => {
      if (kind === 'AWS' && name === '*') return true;
      if (caller === 'anonymous') return false;
      if (kind === 'Service') return 'service' in caller && caller.service === name;
      if (kind !== 'AWS') throw new TypeError(`a kind of principal that is not known here: ${kind}`);
      return 'role' in caller && (caller.role === name || rootOf(caller.role) === name);
    }),
  );
}

const rootOf = (role: string) => role.replace(/:role\/.*$/, ':root');

function onlyAccount(principal: Statement['Principal']): boolean {
  if (typeof principal !== 'object') return false;
  return Object.entries(principal).every(
    ([kind, names]) => kind === 'AWS' && [names].flat().every((name) => name.endsWith(':root')),
  );
}
