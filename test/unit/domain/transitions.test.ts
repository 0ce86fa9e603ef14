import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { stateMachinePage } from '../../../scripts/state-machine/page.ts';

it('docs/state-machine.md is the table of transitions: npm run state-machine', () => {
  const page = readFileSync(
    join(resolve(import.meta.dirname, '../../..'), 'docs', 'state-machine.md'),
    'utf8',
  );
  expect(page).toBe(stateMachinePage());
});
