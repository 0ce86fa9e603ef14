import { createHash } from 'node:crypto';
import type { FunctionName } from '../../lib/catalogue/catalogue.ts';
import { onlyOne } from '../../lib/catalogue/select.ts';
import { functionHost } from './function-host.ts';
import { secrets } from './home.ts';
import type { Part } from './part.ts';

/** Migrates the database and creates the local tenant with its key. */
export const schema: Part<void> = {
  name: 'Schema',
  reported: true,
  async start({ use }) {
    const invoke = async (name: FunctionName, event: object) => {
      const result = await use(functionHost).invoke(name, event);
      if (!result.ok) throw new Error(`${name} failed: ${result.error.errorMessage}`);
    };
    await invoke(onlyOne('deploy'), {});
    const keySha256 = createHash('sha256').update(use(secrets).apiKey).digest('hex');
    await invoke('operate', { operation: 'makeTenant', tenant: 'local', keySha256 });
  },
};
