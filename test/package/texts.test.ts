import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { packagedTexts } from '../../scripts/package/texts.ts';
import { anchorsOf, deadLinks } from './links.ts';
import { projectRoot, write } from './shop.ts';

function folder(files: Record<string, string>): string {
  const made = mkdtempSync(join(tmpdir(), 'sluice-texts-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) write(join(made, path), text);
  return made;
}

it('no text of this repository has a broken link', () => {
  const docs = readdirSync(join(projectRoot, 'docs')).map((name) => `docs/${name}`);
  const files = [
    'README.md',
    'CONTRIBUTING.md',
    'PACKAGE.md',
    ...docs.filter((file) => file.endsWith('.md')),
  ];
  expect(deadLinks(projectRoot, files)).toEqual([]);
});

it('a link without its file or heading is broken', () => {
  const root = folder({
    'a.md':
      '[b](b.md) [two](b.md#two) [here](#a-b-1) [id](b.md#x) ![no](no.png) [no](b.md#no) [no](#no) [up](../c.md)\n# A b\n# A `b`',
    'b.md': '# One\n```\n# No\n```\n## Two\n<a id="x"></a>',
  });
  expect(deadLinks(root, ['a.md'])).toEqual(['a.md: no.png', 'a.md: b.md#no', 'a.md: #no', 'a.md: ../c.md']);
  expect([...anchorsOf('# A & `b`\n# A & b')]).toEqual(['a--b', 'a--b-1']);
});

it('the package contains all pages linked from its README, and no link to a missing page', () => {
  const root = folder({
    'PACKAGE.md': '[one](docs/one.md#x) [test](test/a.ts) [web](https://example.com)',
    'docs/one.md': '[two](two.json) [bench](../bench/x.md) ![picture](../page.jpg) [here](#x)',
    'docs/two.json': '{}',
    'docs/three.md': 'not led to',
  });
  expect(Object.fromEntries([...packagedTexts(root)].map(([path, text]) => [path, String(text)]))).toEqual({
    'README.md': '[one](docs/one.md#x) test [web](https://example.com)',
    'docs/one.md': '[two](two.json) bench picture [here](#x)',
    'docs/two.json': '{}',
  });
});
