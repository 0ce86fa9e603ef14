import { createHash } from 'node:crypto';
import { onlyOne } from '../../lib/catalogue/select.ts';
import { functionHost } from './function-host.ts';
import { secrets } from './home.ts';
import type { Part } from './part.ts';

/** Invokes `migrate`: updates the schema, and makes the local tenant with its key. */
export const schema: Part<void> = {
  name: 'Schema',
  reported: true,
  async start({ use }) {
    const keySha256 = createHash('sha256').update(use(secrets).apiKey).digest('hex');
    const result = await use(functionHost).invoke(onlyOne('deploy'), { tenant: 'local', keySha256 });
    if (!result.ok) throw new Error(`The database could not be migrated: ${result.error.errorMessage}`);
  },
};
