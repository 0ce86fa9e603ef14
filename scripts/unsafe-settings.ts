import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { unsafeSettingsPage } from './unsafe-settings/page.ts';

// `npm run unsafe-settings`: writes docs/unsafe-settings.md.
writeFileSync(resolve(import.meta.dirname, '../docs/unsafe-settings.md'), unsafeSettingsPage());
