import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { stateDiagram, stateMachinePage } from '../../../scripts/state-machine/page.ts';

const read = (name: string) => readFileSync(resolve(import.meta.dirname, '../../../docs', name), 'utf8');

it('docs/state-machine.md and the diagram of docs/architecture.md match the table of transitions (npm run state-machine)', () => {
  expect(read('state-machine.md')).toBe(stateMachinePage());
  expect(read('architecture.md')).toContain(stateDiagram);
});
