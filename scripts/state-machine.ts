import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateMachinePage } from './state-machine/page.ts';

// `npm run state-machine`: writes docs/state-machine.md. A test compares it with the table of transitions.
writeFileSync(join(import.meta.dirname, '..', 'docs', 'state-machine.md'), stateMachinePage());
