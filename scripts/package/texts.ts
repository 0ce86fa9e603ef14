import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** A link or image of Markdown: `[text](target)`, without a title. */
const link = /!?\[([^\]]*)\]\(([^)\s]+)\)/g;

const readme = { from: 'PACKAGE.md', to: 'README.md' };

/**
 * The package's README and all pages of docs/ that it links to, directly or indirectly, by their paths in the package. A
 * link to a file that is only in the checkout becomes plain text.
 */
export function packagedTexts(root: string): Map<string, string | Buffer> {
  const texts = new Map<string, string | Buffer>();
  const visit = (path: string): void => {
    if (texts.has(path)) return;
    const bytes = readFileSync(join(root, path === readme.to ? readme.from : path));
    texts.set(path, bytes);
    if (!path.endsWith('.md')) return;
    const text = bytes.toString().replaceAll(link, (whole, words: string, target: string) => {
      if (/^(https?:|#)/.test(target)) return whole;
      const file = normalize(join(dirname(path), target.replace(/#.*/, '')));
      if (!file.startsWith('docs/') || !existsSync(join(root, file))) return words;
      visit(file);
      return whole;
    });
    texts.set(path, text);
  };
  visit(readme.to);
  return texts;
}
