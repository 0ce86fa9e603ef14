import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { functionsPage } from './functions/page.ts';

// `npm run functions`: writes docs/functions.md.
writeFileSync(resolve(import.meta.dirname, '../docs/functions.md'), functionsPage());
