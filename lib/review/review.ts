import { type App, type IPolicyValidationPlugin, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NIST80053R5Checks, ServerlessChecks } from 'cdk-nag';
import type { ResolvedConfig } from '../config/schema.ts';
import { acknowledge } from './acknowledge.ts';
import { acknowledgements } from './acknowledgements.ts';
import { settingAcknowledgements } from './setting-acknowledgements.ts';
import { SluiceRules } from './sluice-rules.ts';

/**
 * Checks an app at synthesis with our own rules and, with `deploy.review`, with the packs of cdk-nag. Call it after
 * creating the stacks. Unacknowledged findings fail the synthesis.
 */
export function review(app: App, config: ResolvedConfig): void {
  const { deploy, database } = config;
  Validations.of(app).addPlugins(new SluiceRules(database));
  if (!deploy.review) return;
  acknowledge(app, [...acknowledgements(deploy.stage), ...settingAcknowledgements(config)]);
  Validations.of(app).addPlugins(...packs());
}

/** AWS Solutions, NIST 800-53 revision 5, and AWS's serverless lens. */
export function packs(): (IPolicyValidationPlugin & {
  validateScope: AwsSolutionsChecks['validateScope'];
})[] {
  return [new AwsSolutionsChecks(), new NIST80053R5Checks(), new ServerlessChecks()];
}
