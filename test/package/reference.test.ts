import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import {
  compileDeclarations,
  declarationsDigest,
  declaredEntry,
} from '../../scripts/package/declarations.ts';
import { digestOf, referencePage } from '../../scripts/reference/page.ts';
import { projectRoot, write } from './shop.ts';

const page = readFileSync(join(projectRoot, 'docs/construct-api.md'), 'utf8');

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sluice-reference-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

it('docs/construct-api.md matches the current declarations: npm run reference', () => {
  const declarations = folder();
  compileDeclarations(projectRoot, declarations);
  expect(digestOf(page)).toBe(declarationsDigest(declarations));
  const entry = readFileSync(join(declarations, declaredEntry), 'utf8');
  const exported = [...entry.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, names = '']) =>
    names.split(',').map((name) => name.replace('type ', '').trim()),
  );
  expect(exported).toEqual(expect.arrayContaining(['SluiceRules', 'QueueToDatabaseReview']));
  for (const name of [...exported, 'ImagePipeline', 'ImagePipelineProps'])
    expect(page).toContain(`## ${name}\n`);
});

it('the digest covers the imports of the entry and nothing else', () => {
  const declarations = folder();
  const digest = () => declarationsDigest(declarations);
  write(join(declarations, declaredEntry), "export * from './one.js';\n");
  write(join(declarations, 'lib/one.d.ts'), "export { two } from '../lambda/two.js';\n");
  write(join(declarations, 'lambda/two.d.ts'), 'export declare const two: 2;\n');
  const before = digest();
  write(join(declarations, 'lib/other.d.ts'), 'export declare const three: 3;\n');
  expect(digest()).toBe(before);
  write(join(declarations, 'lambda/two.d.ts'), '/** A number. */\nexport declare const two: 2;\n');
  expect(digest()).not.toBe(before);
});

it('the reference links to the configuration page instead of listing inferred types', () => {
  const written = referencePage(
    '## A\n\n***\n\n## SluiceConfig\n\nWritten.\n\n### Extends\n\n- `x`\n\n***\n\n## B',
    '0',
  );
  expect(written).toContain('Written.\n\nEvery section and field is in [configuration.md]');
  expect(written).not.toContain('### Extends');
  expect(written).toContain('## B');
});
