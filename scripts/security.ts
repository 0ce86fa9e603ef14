import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeAcknowledgements } from '../lib/review/described.ts';

// Writes the acknowledgements into docs/security.md. A test compares, so run this after each change of the list.
const file = join(import.meta.dirname, '..', 'docs', 'security.md');
writeFileSync(file, describeAcknowledgements(readFileSync(file, 'utf8')));
console.log(`wrote ${file}`);
