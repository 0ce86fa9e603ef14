import { vi } from 'vitest';
import { patience } from './pace.ts';

/*
 * The default limits of tests and hooks, which only end those that hang. Runs in which many are expected to hang set a
 * shorter one (scripts/mutants.ts).
 */
const limit = patience(Number(process.env.SLUICE_TEST_LIMIT_MS ?? 120_000));
vi.setConfig({ testTimeout: limit, hookTimeout: limit });
