import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/localstack/**', 'test/browser/**', '**/node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores: three files at once keep both busy while one of them waits for a visibility timeout.
    maxWorkers: 3,
    reporters: process.env.SLUICE_TEST_REPORT
      ? ['default', ['json', { outputFile: process.env.SLUICE_TEST_REPORT }]]
      : ['default'],
    globalSetup: ['test/support/global-setup.ts'],
  },
});
