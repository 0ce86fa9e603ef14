import { RuleBroken } from '../rules/broken.ts';
import type { Resource, Templates } from './template.ts';

/** Facts of the configuration that rules need and that no template contains. */
export interface ReviewFacts {
  /** Of a database that is not in the templates. */
  maxConnections: number;
  /** Connections kept free for people. */
  reserve: number;
}

/** A resource that breaks a rule, and how, with the arithmetic. */
export interface Finding {
  resource: Resource;
  description: string;
}

/** A rule over the synthesised templates: it sees what somebody adds beside our constructs, too. */
export interface TemplateRule {
  name: string;
  fix: string;
  findings(templates: Templates, facts: ReviewFacts): Finding[];
}

/** What a rule of `lib/rules` says about a resource: nothing where it holds. */
export function said(resource: Resource, check: () => void): Finding[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof RuleBroken) return [{ resource, description: error.message }];
    throw error;
  }
}
