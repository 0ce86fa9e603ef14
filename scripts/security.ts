import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeAcknowledgements } from './security/page.ts';

// `npm run security`: writes the acknowledgements to docs/security.md. A test fails when they differ.
const file = join(import.meta.dirname, '..', 'docs', 'security.md');
writeFileSync(file, describeAcknowledgements(readFileSync(file, 'utf8')));
console.log(`wrote ${file}`);
