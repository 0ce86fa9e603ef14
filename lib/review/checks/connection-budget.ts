import type { RoleShares } from '../../../lambda/domain/roles.ts';
import type { VariablesOf } from '../../../lambda/runtime/environment-parts.ts';
import { catalogue } from '../../catalogue/catalogue.ts';
import { ownerFunctions, superuserReserved } from '../../config/budget.ts';
import { requireConnections } from '../../rules/connections.ts';
import { maxConnectionsParameter, poolPercent } from '../database/limits.ts';
import { type Finding, findingsOf, type TemplateRule } from '../rule.ts';
import type { Resource, Templates } from '../template.ts';

/** Facts of the configuration that the rule needs and no template contains. */
export interface ReviewFacts {
  /** For a database outside the templates. */
  maxConnections: number;
  /** Connections kept free for people. */
  reserve: number;
}

/** Without a limit of their own: the owner's role is not ours. */
const ownerShares = Object.fromEntries(
  ownerFunctions().map((name) => [name, catalogue[name].database.connections as number]),
);

/** The CONNECTION LIMITs of `migrate` fit the server with the rest, and the functions' connections fit their roles. */
export const connections: TemplateRule<ReviewFacts> = {
  name: 'Connections',
  severity: 'error',
  fix: 'Change process.maxConcurrency, api.maxConcurrency or database.maxConnections instead of the resource.',
  findings: ({ templates }, facts) =>
    templates.ofType('AWS::Lambda::Function').flatMap((migrate) => {
      const roles = rolesOf(migrate);
      if (roles === undefined) return [];
      return [...ofServer(migrate, roles, templates, facts), ...ofRoles(migrate, roles, templates)];
    }),
};

function ofServer(
  migrate: Resource,
  roles: RoleShares,
  templates: Templates,
  { maxConnections, reserve }: ReviewFacts,
): Finding[] {
  return findingsOf(migrate, () => {
    const groups = templates.ofType('AWS::RDS::DBParameterGroup', 'AWS::RDS::DBClusterParameterGroup');
    const available = maxConnectionsParameter(templates, groups) ?? maxConnections;
    const shares = poolShare(templates, available) ?? poolElsewhere(migrate, roles) ?? byFunction(roles);
    const others = { ...ownerShares, reserve, superuser: superuserReserved };
    requireConnections({ ...shares, ...others }, available, 'max_connections');
  });
}

/** Executions against the CONNECTION LIMIT of their role. Behind a proxy they share its pool, one transaction at a time. */
function ofRoles(migrate: Resource, roles: RoleShares, templates: Templates): Finding[] {
  if (variables(migrate).ROLES_POOLED === 'yes') return [];
  return Object.entries(roles).flatMap(([user, { connections, persistent }]) =>
    templates.ofType('AWS::Lambda::Function').flatMap((one) => {
      if (variables(one).DATABASE_USER !== user) return [];
      return findingsOf(one, () => {
        const reserved = templates.number(one, ['ReservedConcurrentExecutions'], 0);
        // During a deployment there are two generations of persistent connections.
        const each = persistent ? 2 : 1;
        const opened = { [`${each} × ${reserved} reserved executions:`]: each * reserved };
        requireConnections(opened, connections, `CONNECTION LIMIT of ${user}`);
      });
    }),
  );
}

/** Connections of a proxy, which replaces the roles' shares. */
function poolShare(templates: Templates, available: number): Record<string, number> | undefined {
  const [group] = templates.ofType('AWS::RDS::DBProxyTargetGroup');
  if (group === undefined) return undefined;
  return { proxy: Math.floor((poolPercent(templates, group) * available) / 100) };
}

/** An existing proxy: each role may hold all its connections; its owner must limit them. */
function poolElsewhere(migrate: Resource, roles: RoleShares): Record<string, number> | undefined {
  return variables(migrate).ROLES_POOLED === 'yes'
    ? { proxy: Math.max(...Object.values(byFunction(roles))) }
    : undefined;
}

function byFunction(roles: RoleShares): Record<string, number> {
  return Object.fromEntries(
    Object.entries(roles).map(([role, { connections }]) => [role.replace(/^sluice_/, ''), connections]),
  );
}

/** The roles that a function creates, which only `migrate` receives. */
function rolesOf(migrate: Resource): RoleShares | undefined {
  const roles = variables(migrate)['DATABASE_ROLES' satisfies keyof VariablesOf<'roles'>];
  return typeof roles === 'string' ? (JSON.parse(roles) as RoleShares) : undefined;
}

function variables({ properties }: Resource): Record<string, unknown> {
  return (properties.Environment as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {};
}
