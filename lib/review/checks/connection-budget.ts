import { superuserReserved } from '../../config/budget.ts';
import { requireConnections } from '../../rules/connections.ts';
import { type Finding, type ReviewFacts, said, type TemplateRule } from '../rule.ts';
import { numberOf, type Resource, type Templates } from '../template.ts';

/** How many connections one execution of a function counts for: `api` keeps its own, and a deploy has two generations. */
const perExecution = { API: 2, PROCESS: 1, SWEEP: 1 } as const;
const roles = ['API', 'PROCESS', 'SWEEP'] as const;
/** It has no limit of its own: the owner's role is not one of ours. */
const migrateConnections = 1;

/**
 * What the roles may hold (the CONNECTION LIMITs that `migrate` is told to set) fits the server with the rest, and what
 * the functions may open fits their roles.
 */
export const connections: TemplateRule = {
  name: 'Connections',
  fix: 'Change process.maxConcurrency, api.maxConcurrency or database.maxConnections instead of the resource.',
  findings: (templates, facts) =>
    templates.ofType('AWS::Lambda::Function').flatMap((migrate) => {
      const limits = limitsOf(migrate);
      if (limits === undefined) return [];
      return [...ofServer(migrate, limits, templates, facts), ...ofRoles(limits, templates)];
    }),
};

type Limits = Record<(typeof roles)[number], number>;

function ofServer(
  migrate: Resource,
  limits: Limits,
  templates: Templates,
  { maxConnections, reserve }: ReviewFacts,
): Finding[] {
  const available = serverConnections(templates) ?? maxConnections;
  const shares = poolShare(templates, available) ??
    poolElsewhere(migrate, limits) ?? {
      api: limits.API,
      process: limits.PROCESS,
      sweep: limits.SWEEP,
    };
  const others = { migrate: migrateConnections, reserve, superuser: superuserReserved };
  return said(migrate, () => requireConnections({ ...shares, ...others }, available, 'max_connections'));
}

function ofRoles(limits: Limits, templates: Templates): Finding[] {
  return roles.flatMap((role) => {
    const user = `sluice_${role.toLowerCase()}`;
    return templates.ofType('AWS::Lambda::Function').flatMap((one) => {
      const reserved = numberOf(one.properties.ReservedConcurrentExecutions, 0);
      if (variables(one).DATABASE_USER !== user || reserved === undefined) return [];
      const opened = {
        [`${perExecution[role]} × ${reserved} reserved executions:`]: perExecution[role] * reserved,
      };
      return said(one, () => requireConnections(opened, limits[role], `CONNECTION LIMIT of ${user}`));
    });
  });
}

/** `max_connections` of the server that is deployed with it. */
function serverConnections(templates: Templates): number | undefined {
  const groups = templates.ofType('AWS::RDS::DBParameterGroup', 'AWS::RDS::DBClusterParameterGroup');
  const values = groups.map(({ properties }) => properties.Parameters as Record<string, unknown> | undefined);
  const given = values.find((parameters) => parameters?.max_connections !== undefined);
  return numberOf(given?.max_connections, Number.NaN) || undefined;
}

/** What a proxy may open, which then stands for all the roles. */
function poolShare(templates: Templates, available: number): Record<string, number> | undefined {
  const [group] = templates.ofType('AWS::RDS::DBProxyTargetGroup');
  if (group === undefined) return undefined;
  const pool = group.properties.ConnectionPoolConfigurationInfo as Record<string, unknown> | undefined;
  const percent = numberOf(pool?.MaxConnectionsPercent, 100) ?? 100;
  return { proxy: Math.floor((percent * available) / 100) };
}

/** A proxy that was there before: each role may hold what the proxy may open, which whoever owns it has to bound. */
function poolElsewhere(migrate: Resource, limits: Limits): Record<string, number> | undefined {
  return variables(migrate).ROLES_POOLED === 'yes'
    ? { proxy: Math.max(...Object.values(limits)) }
    : undefined;
}

function limitsOf(migrate: Resource): Limits | undefined {
  const [API, PROCESS, SWEEP] = roles.map((role) =>
    numberOf(variables(migrate)[`${role}_CONNECTIONS`], Number.NaN),
  );
  return API && PROCESS && SWEEP ? { API, PROCESS, SWEEP } : undefined;
}

function variables({ properties }: Resource): Record<string, unknown> {
  return (properties.Environment as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {};
}
