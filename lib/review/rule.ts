import { RuleBroken } from '../rules/broken.ts';
import type { Scope } from './scope.ts';
import type { Resource } from './template.ts';
import { Unresolved } from './unresolved.ts';

/** As the CDK knows them: `fatal` findings cannot be acknowledged, and those below `error` do not fail synthesis. */
export type Severity = 'fatal' | 'error' | 'warning' | 'info';

export interface Finding {
  resource: Resource;
  description: string;
  /** The templates do not contain what the rule needs. */
  unknown?: boolean;
}

/** A rule over the synthesised templates. */
export interface TemplateRule<Facts = unknown> {
  name: string;
  severity: Severity;
  fix: string;
  findings(scope: Scope, facts: Facts): Finding[];
}

/** Findings of a rule of `lib/rules` about a resource. */
export function findingsOf(resource: Resource, check: () => void): Finding[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof RuleBroken) return [{ resource, description: error.message }];
    if (error instanceof Unresolved) return [{ resource, description: error.message, unknown: true }];
    throw error;
  }
}

/** One finding if the check returns a description. */
export function findingIf(resource: Resource, check: () => string | undefined): Finding[] {
  let description: string | undefined;
  const unknown = findingsOf(resource, () => {
    description = check();
  });
  return description === undefined ? unknown : [{ resource, description }];
}
