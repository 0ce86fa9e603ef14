import { vi } from 'vitest';
import { patience } from './pace.ts';

/* The limits of tests and hooks that name none of their own. */
vi.setConfig({ testTimeout: patience(120_000), hookTimeout: patience(120_000) });
