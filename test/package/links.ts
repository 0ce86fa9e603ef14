import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Broken links of Markdown files (paths below `root`) as `file: target`: a missing file or heading. */
export function deadLinks(root: string, files: readonly string[]): string[] {
  return files.flatMap((file) => {
    const text = withoutCode(readFileSync(join(root, file), 'utf8'));
    return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#');
        const at = path === '' ? file : normalize(join(dirname(file), path));
        if (at.startsWith('..') || !existsSync(join(root, at))) return true;
        return anchor !== undefined && !anchorsOf(readFileSync(join(root, at), 'utf8')).has(anchor);
      })
      .map((target) => `${file}: ${target}`);
  });
}

/** The anchors of a text on GitHub and npm: those of its headings, and explicit ones. */
export function anchorsOf(markdown: string): Set<string> {
  const text = withoutCode(markdown);
  const anchors = new Set([...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id));
  const seen = new Map<string, number>();
  for (const [, heading = ''] of text.matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^(`{3,})[^\n]*\n.*?^\1$/gms, '');
}
