import { deliveriesOf } from '../deliveries.ts';
import type { TemplateRule } from '../rule.ts';

/** Mappings of queues to functions outside the templates: whether those reach Postgres is unknown. */
export const strayMappings: TemplateRule = {
  name: 'any rule',
  severity: 'info',
  fix: 'Review the function where it is defined.',
  findings: ({ templates }) =>
    deliveriesOf(templates).strays.map((resource) => ({
      resource,
      description: `the function of ${resource.path} is not in these templates`,
      unknown: true,
    })),
};
