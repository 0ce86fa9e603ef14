import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readBehaviours } from '../test/behaviour/support/behaviours.ts';
import { targetsPage } from '../test/behaviour/support/table.ts';

// `npm run targets`: writes docs/targets.md.
const projectRoot = resolve(import.meta.dirname, '..');
writeFileSync(join(projectRoot, 'docs', 'targets.md'), targetsPage(readBehaviours(projectRoot)));
