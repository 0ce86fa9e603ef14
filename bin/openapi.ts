import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApiDocument } from '../lambda/api/openapi.ts';

// Writes docs/openapi.json. A test compares it with the code, so run this after each change of the API.
const file = join(import.meta.dirname, '..', 'docs', 'openapi.json');
writeFileSync(file, `${JSON.stringify(openApiDocument(), null, 2)}\n`);
console.log(`wrote ${file}`);
