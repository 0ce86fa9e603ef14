import { type App, type IPolicyValidationPlugin, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NIST80053R5Checks, ServerlessChecks } from 'cdk-nag';
import type { ResolvedConfig } from '../config/schema.ts';
import { acknowledge } from './acknowledge.ts';
import { acknowledgements } from './acknowledgements.ts';
import { chosen } from './chosen.ts';
import { SluiceRules } from './sluice-rules.ts';

/**
 * Holds an app, when it is synthesised, to our own rules and, with `deploy.review`, to the packs of cdk-nag. To be
 * called when its stacks are there. A finding that is not acknowledged fails the synth.
 */
export function review(app: App, config: ResolvedConfig): void {
  const { deploy, database } = config;
  Validations.of(app).addPlugins(new SluiceRules(database));
  if (!deploy.review) return;
  acknowledge(app, [...acknowledgements(deploy.stage), ...chosen(config)]);
  Validations.of(app).addPlugins(...packs());
}

/** AWS's own solutions, NIST 800-53 revision 5, and AWS's lens on serverless applications. */
export function packs(): (IPolicyValidationPlugin & {
  validateScope: AwsSolutionsChecks['validateScope'];
})[] {
  return [new AwsSolutionsChecks(), new NIST80053R5Checks(), new ServerlessChecks()];
}
