import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateDiagram, stateMachinePage } from './state-machine/page.ts';

// `npm run state-machine`: writes docs/state-machine.md and its diagram in docs/architecture.md. A test compares them with
// the table of transitions.
const docs = join(import.meta.dirname, '..', 'docs');
writeFileSync(join(docs, 'state-machine.md'), stateMachinePage());
const overview = join(docs, 'architecture.md');
const diagram = /```mermaid\nstateDiagram-v2\n.*?```/s;
writeFileSync(
  overview,
  readFileSync(overview, 'utf8').replace(diagram, () => stateDiagram),
);
