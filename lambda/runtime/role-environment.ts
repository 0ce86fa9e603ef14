import * as z from 'zod/mini';
import { type RoleShares, rolePattern } from '../domain/roles.ts';
import { part } from './environment.ts';

/** JSON of the roles, by name. */
const roleShares = z.pipe(
  z.string(),
  z.transform((text, context): RoleShares => {
    try {
      return rolesSchema.parse(JSON.parse(text)) as RoleShares;
    } catch (error) {
      context.issues.push({ code: 'custom', message: String(error), input: text });
      return z.NEVER;
    }
  }),
);
const rolesSchema = z.record(
  z.string().check(z.regex(rolePattern)),
  z.object({ connections: z.int().check(z.gte(1)), persistent: z.boolean() }),
);

export const roles = part(
  'roles',
  z.object({
    /** Each role with its CONNECTION LIMIT from the budget (I5). */
    DATABASE_ROLES: roleShares,
    /** `yes` if a pool (RDS Proxy) holds the sessions and limits their idle time. */
    ROLES_POOLED: z._default(z.enum(['yes', 'no']), 'no'),
    /** Password of the functions' roles, or the secret whose `password` field holds it. */
    ROLES_PASSWORD: z.optional(z.string()),
    ROLES_SECRET_ARN: z.optional(z.string()),
  }),
);
