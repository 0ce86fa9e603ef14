import { acknowledgements } from '../../lib/review/acknowledgements.ts';
import { replaceMarked } from '../markdown.ts';

/** docs/security.md with the acknowledgements of the stage `prod`; the text around them stays. */
export function describeAcknowledgements(document: string): string {
  const parts = acknowledgements('prod').map(({ title, covers, reason }, n) => {
    const findings = covers.map(
      ({ rule, at }) => `- \`${rule}\`: ${at.map((path) => `\`${path}\``).join(', ')}`,
    );
    return `### ${n + 1}. ${title}\n\n${reason}\n\n${findings.join('\n')}\n`;
  });
  return replaceMarked(document, 'acknowledgements', 'scripts/security.ts', parts.join('\n'));
}
