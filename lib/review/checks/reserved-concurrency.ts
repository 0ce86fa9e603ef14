import { requireCeiling } from '../../rules/ceiling.ts';
import { maximaOf, otherInvokers, reservedOf } from '../deliveries.ts';
import { findingIf, type TemplateRule } from '../rule.ts';

/** Reserved concurrency covers all that a function's queue mappings may start together, and exists if others invoke it. */
export const ceiling: TemplateRule = {
  name: 'Ceiling',
  severity: 'error',
  fix: 'Raise ReservedConcurrentExecutions of the function, or lower MaximumConcurrency of its mappings.',
  findings: (scope) =>
    [...new Set(scope.deliveries.map(({ target }) => target))].flatMap((target) =>
      findingIf(target, () => {
        const reserved = reservedOf(scope.templates, target);
        if (reserved !== undefined) {
          requireCeiling(reserved, maximaOf(scope, target));
          return undefined;
        }
        const others = otherInvokers(scope.templates, target);
        return others.length === 0
          ? undefined
          : 'has no reserved concurrency, and the maxima of its mappings do not limit what else invokes it: ' +
              others.map(({ path }) => path).join(', ');
      }),
    ),
};
