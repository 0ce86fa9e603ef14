import { defineConfig } from 'vitest/config';
import { DeploymentLast } from './test/behaviour/support/last.ts';
import { alone } from './test/support/alone.ts';

/* Limits of time are those of test/support/patient.ts: they follow what test/support/pace-setup.ts measures. */
const patient = { setupFiles: ['test/support/patient.ts'] };
const pace = 'test/support/pace-setup.ts';
/** Tests that share the modules of a worker, but for those of test/support/alone.ts. */
const unit = [
  'test/unit/**/*.test.ts',
  'test/contract/**/*.test.ts',
  'test/mutants/**/*.test.ts',
  'test/*.test.ts',
];
/** Files that take long and are seldom red: npm run test:long, a stage of .ci/run. */
const long = 'test/**/*.long.test.ts';

export default defineConfig({
  test: {
    reporters: process.env.SLUICE_TEST_REPORT
      ? ['default', ['json', { outputFile: process.env.SLUICE_TEST_REPORT }]]
      : ['default'],
    // Two cores: three files at once keep both busy while one of them waits for a visibility timeout.
    maxWorkers: 3,
    // Polls of what another process does; the second that is the default is a guess about this machine.
    expect: { poll: { timeout: 60_000 } },
    // Messages show values up to this length: by default (40) an unexpected error in a list is `[ Array(1) ]`.
    chaiConfig: { truncateThreshold: 1_000 },
    sequence: { sequencer: DeploymentLast },
    projects: [
      {
        extends: true,
        test: {
          setupFiles: [...patient.setupFiles, 'test/support/tidy.ts'],
          name: 'unit',
          include: unit,
          exclude: [...alone, long],
          isolate: false,
          globalSetup: [pace, 'test/support/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          ...patient,
          name: 'node',
          include: ['test/{behaviour,local,package}/**/*.test.ts', ...alone],
          exclude: ['test/package/app/**', long],
          globalSetup: [pace, 'test/support/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          ...patient,
          name: 'infra',
          include: ['test/infra/**/*.test.ts'],
          exclude: [long],
          // Templates are made of arguments alone, so files may share their modules: importing the CDK for each costs 50 s
          // of CPU, more than all of the tests.
          isolate: false,
          globalSetup: [pace, 'test/infra/folder-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          ...patient,
          name: 'long',
          include: [long],
          globalSetup: [pace, 'test/support/global-setup.ts', 'test/infra/folder-setup.ts'],
        },
      },
      {
        extends: true,
        // The same behaviours against one deployment, so one file after the other: npm run test:localstack.
        test: {
          ...patient,
          name: 'localstack',
          include: ['test/behaviour/**/*.test.ts'],
          fileParallelism: false,
          globalSetup: [pace, 'test/behaviour/support/localstack-setup.ts'],
        },
      },
      {
        extends: true,
        // Needs Python with Pillow and numpy besides Node: npm run test:golden.
        test: {
          ...patient,
          name: 'golden',
          include: ['test/golden/**/*.test.ts'],
          globalSetup: [pace],
        },
      },
      {
        extends: true,
        // Needs a Chromium besides Node, hence a command of its own: npm run test:browser.
        test: {
          ...patient,
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: [pace],
        },
      },
    ],
  },
});
