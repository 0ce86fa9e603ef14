import { sluiceApp } from '../lib/app.ts';
import { ConfigMistakes } from '../lib/config/resolve.ts';
import { BuildFailed } from '../lib/functions/mistakes.ts';
import { RuleBroken } from '../lib/rules/broken.ts';

// The CDK app, named by cdk.json. What a person can put right is said without a stack trace.
try {
  const { config } = await import('../sluice.config.ts');
  sluiceApp(config, { onProgress: (line) => console.error(line) }).synth();
} catch (error) {
  const known =
    error instanceof ConfigMistakes || error instanceof BuildFailed || error instanceof RuleBroken;
  if (!known) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = 1;
}
