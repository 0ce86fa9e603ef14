import { RuleBroken } from '../rules/broken.ts';
import type { Resource, Templates } from './template.ts';

/** Facts of the configuration that rules need and no template contains. */
export interface ReviewFacts {
  /** For a database outside the templates. */
  maxConnections: number;
  /** Connections kept free for people. */
  reserve: number;
}

export interface Finding {
  resource: Resource;
  description: string;
}

/** A rule over the synthesised templates, which include resources added by others. */
export interface TemplateRule {
  name: string;
  fix: string;
  findings(templates: Templates, facts: ReviewFacts): Finding[];
}

/** Findings of a rule of `lib/rules` about a resource. */
export function findingsOf(resource: Resource, check: () => void): Finding[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof RuleBroken) return [{ resource, description: error.message }];
    throw error;
  }
}
