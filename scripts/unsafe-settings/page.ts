import { ConfigMistakes, resolveConfig } from '../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { unsafeSettings } from '../../test/unit/config/unsafe-settings.ts';
import { table } from '../markdown.ts';

/** docs/unsafe-settings.md: what is refused, with the messages that the rules give. */
export function unsafeSettingsPage(): string {
  return `# Unsafe settings

Written by \`npm run unsafe-settings\` from the table of [its test](../test/unit/config/unsafe-settings.ts). \`npm run plan\`,
\`npm run synth\` and \`npm start\` refuse each of these ${unsafeSettings.length} settings with the arithmetic; here, nothing else is set.

What an app adds to the construct is checked at synth too: a second consumer of the queue, mappings above the reserved concurrency, a
dead-letter queue that keeps messages no longer than its source, and functions with more connections than their role
([security](security.md)).

${table(
  ['what would happen', 'message'],
  unsafeSettings.map(({ risk, unsafe }) => [risk, messageOf(unsafe)]),
)}
`;
}

function messageOf(unsafe: Partial<SluiceConfig>): string {
  try {
    resolveConfig({ presets: { small: { width: 320 } }, ...unsafe });
  } catch (error) {
    if (error instanceof ConfigMistakes) return error.mistakes.join(' ');
    throw error;
  }
  throw new TypeError(`${JSON.stringify(unsafe)} is not refused`);
}
