import { defineConfig } from 'vitest/config';
import { DeploymentLast } from './test/behaviour/support/last.ts';

export default defineConfig({
  test: {
    reporters: process.env.SLUICE_TEST_REPORT
      ? ['default', ['json', { outputFile: process.env.SLUICE_TEST_REPORT }]]
      : ['default'],
    // Two cores: three files at once keep both busy while one of them waits for a visibility timeout.
    maxWorkers: 3,
    sequence: { sequencer: DeploymentLast },
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', 'test/golden/**'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
      {
        extends: true,
        // The same behaviours against one deployment, so one file after the other: npm run test:localstack.
        test: {
          name: 'localstack',
          include: ['test/behaviour/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          globalSetup: ['test/behaviour/support/localstack-setup.ts'],
        },
      },
      {
        extends: true,
        // Needs Python with Pillow and numpy besides Node: npm run test:golden.
        test: {
          name: 'golden',
          include: ['test/golden/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        // Needs a Chromium besides Node, hence a command of its own: npm run test:browser.
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
