import { resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { sluiceApp } from '../lib/app.ts';
import { BuildFailed } from '../lib/bundling/build-failed.ts';
import { connectionFrom } from '../lib/config/connection.ts';
import { ConfigUnreadable, readConfig } from '../lib/config/read-config.ts';
import { ConfigMistakes } from '../lib/config/resolve.ts';
import { RuleBroken } from '../lib/rules/broken.ts';

/*
 * The CDK app of cdk.json. `-c stage=prod` selects a stage, by default `dev`. SLUICE_DATABASE, JSON as in
 * `database.connection`, sets an existing database that is not in sluice.config.ts; SLUICE_CONFIG is a file to use
 * instead of sluice.config.ts. Errors that the user can correct are printed without a stack trace.
 */
try {
  const app = new App();
  const stage = String(app.node.tryGetContext('stage') ?? 'dev');
  const configRoot = resolve(import.meta.dirname, '..');
  const config = await readConfig(configRoot, process.env.SLUICE_CONFIG);
  const connected = connectionFrom(process.env.SLUICE_DATABASE, config);
  sluiceApp(app, connected, stage, { configRoot, onProgress: (line) => console.error(line) });
  app.synth();
} catch (error) {
  const known =
    error instanceof ConfigMistakes ||
    error instanceof ConfigUnreadable ||
    error instanceof BuildFailed ||
    error instanceof RuleBroken;
  if (!known) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = 1;
}
