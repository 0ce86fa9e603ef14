import { vi } from 'vitest';
import { patience } from './pace.ts';

/*
 * The limits of tests and hooks that name none of their own: they only end what hangs. Where much is expected to hang, a
 * shorter one is given (scripts/mutants.ts).
 */
const limit = patience(Number(process.env.SLUICE_TEST_LIMIT_MS ?? 120_000));
vi.setConfig({ testTimeout: limit, hookTimeout: limit });
