import { roleShares } from '../../lib/config/budget.ts';
import { resolveConfig } from '../../lib/config/resolve.ts';

/** The roles of the catalogue with the shares of a plain configuration. */
export const roles = roleShares(resolveConfig({ presets: { small: { width: 320 } } }));
