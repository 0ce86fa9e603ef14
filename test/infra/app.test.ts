import { describe, expect, it } from 'vitest';
import { ConfigMistakes } from '../../lib/config/resolve.ts';
import { synthesise } from './synthesis.ts';
import { withConfig } from './with-config.ts';

describe('the app', () => {
  it('the app has a data stack and a pipeline stack, independent of any account', () => {
    const { app } = synthesise();
    const { stacks } = app.synth();
    expect(stacks.map(({ stackName }) => stackName)).toEqual(['SluiceProdData', 'SluiceProdPipeline']);
    expect(stacks.map(({ environment }) => environment.account)).toEqual([
      'unknown-account',
      'unknown-account',
    ]);
  });

  it('stack names follow the configuration, so that two deployments fit into one account', () => {
    const { app } = synthesise({ deploy: { name: 'Staging' } });
    expect(app.node.children.map(({ node }) => node.id)).toEqual(
      expect.arrayContaining(['StagingProdData', 'StagingProdPipeline']),
    );
  });

  it('the stack outputs what an operator needs next', () => {
    const { Outputs } = synthesise().pipeline.toJSON() as { Outputs: Record<string, unknown> };
    expect(Object.keys(Outputs)).toEqual(
      expect.arrayContaining([
        'Url',
        'RestApiId',
        'BucketName',
        'JobsQueueUrl',
        'DeadLettersUrl',
        'FailedUploadEventsUrl',
        'MappingId',
        'OperateFunction',
        'MigrateFunction',
        'MakeTenant',
        'Migrate',
      ]),
    );
  });

  it('a cap above the connection budget is rejected with the arithmetic', () => {
    expect(() => synthesise({ process: { maxConcurrency: 60 } })).toThrow(ConfigMistakes);
    expect(() => synthesise({ process: { maxConcurrency: 60 } })).toThrow(
      /process 60 .* \+ api 40 .* \+ export 2 \+ exportjob 1 \+ sweep 2 \+ relay 2 \+ dispatch 2 \+ analytics 2 \+ audit 2 \+ migrate 1 \+ operate 1 \+ reserve 10 \+ superuser 3 = 128, but .* is 100\. Lower process\.maxConcurrency to 32 /,
    );
  });

  it('a visibility timeout below 6 × the function timeout is rejected with the arithmetic', () => {
    expect(() => synthesise({ process: { visibilityTimeoutSeconds: 120 } })).toThrow(
      'process.visibilityTimeoutSeconds: must be at least 6 × the function’s timeout + the batch window, in seconds: ' +
        '6 × 60 + 0 = 360 > 120',
    );
  });
});

describe('npm run synth', () => {
  it('npm run synth lists every configuration mistake with its path, without a stack trace', () => {
    const { status, stderr } = withConfig(`export const config = {
      presets: { large: { width: '1600', watermarks: ['brand'] }, 'Not a name': { width: 1 } },
      process: { maxConcurrency: 80, visibilityTimeoutSeconds: 120 },
      misspelt: true,
    };`);
    expect(status).toBe(1);
    expect(stderr).toContain('sluice.config.ts has 6 mistakes:');
    for (const path of [
      'presets.large.width: ',
      'presets["Not a name"]',
      'config: Unrecognized key: "misspelt"',
      'presets.large.watermarks[0]: no watermark is named "brand"',
      'process.visibilityTimeoutSeconds: ',
      'database.maxConnections: ',
    ])
      expect(stderr).toContain(`  - ${path}`);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
