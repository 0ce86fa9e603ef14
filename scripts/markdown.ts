/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/**
 * A document with another content between the marks of this name, which state the writing script.
 * @throws TypeError if the document lacks the marks
 */
export function replaceMarked(document: string, name: string, script: string, content: string): string {
  const begin = `<!-- ${name}: written by ${script} -->`;
  const end = `<!-- /${name} -->`;
  const [before, rest] = document.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new TypeError(`the document lacks "${begin}" or "${end}"`);
  return `${before}${begin}\n\n${content}\n\n${end}${after}`;
}
