import { acknowledgements } from './acknowledgements.ts';

const begin = '<!-- acknowledgements: written by scripts/security.ts -->';
const end = '<!-- /acknowledgements -->';

/** Replaces the marked part of a document with the acknowledgements of the stage `prod`, in Markdown. */
export function describeAcknowledgements(document: string): string {
  const [before, rest] = document.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new TypeError(`the document lacks "${begin}" or "${end}"`);
  const list = acknowledgements('prod');
  const parts = list.map(({ title, covers, reason }, n) => {
    const findings = covers.map(
      ({ rule, at }) => `- \`${rule}\`: ${at.map((path) => `\`${path}\``).join(', ')}`,
    );
    return `### ${n + 1}. ${title}\n\n${reason}\n\n${findings.join('\n')}\n`;
  });
  return `${before}${begin}\n\n${parts.join('\n')}\n${end}${after}`;
}
