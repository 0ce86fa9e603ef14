import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readBehaviours } from '../../behaviour/support/behaviours.ts';
import { targetsPage } from '../../behaviour/support/table.ts';

const projectRoot = resolve(import.meta.dirname, '..', '..', '..');

describe('docs/targets.md', () => {
  it('docs/targets.md is current (npm run targets)', () => {
    const page = readFileSync(join(projectRoot, 'docs', 'targets.md'), 'utf8');
    expect(page).toBe(targetsPage(readBehaviours(projectRoot)));
  });

  it('all behaviours of the suite are found', () => {
    const behaviours = readBehaviours(projectRoot);
    expect(behaviours.length).toBeGreaterThanOrEqual(15);
    for (const { name, on, proves } of behaviours) {
      expect(on.length, name).toBeGreaterThan(0);
      expect(proves, name).not.toBe('');
    }
    expect(new Set(behaviours.map(({ name }) => name)).size).toBe(behaviours.length);
  });

  it('a behaviour that cannot be parsed is an error', () => {
    const root = mkdtempSync(join(tmpdir(), 'sluice-behaviours-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(join(root, 'test', 'behaviour'), { recursive: true });
    const file = join(root, 'test', 'behaviour', 'some.test.ts');
    writeFileSync(file, "behaviour(\n  'is read',\n  { on: ['local'], proves: \"it's read\" },\n");
    expect(readBehaviours(root)).toMatchObject([{ name: 'is read', on: ['local'], proves: "it's read" }]);
    writeFileSync(file, 'behaviour(\n  name,\n  { on: everywhere },\n');
    expect(() => readBehaviours(root)).toThrow('some.test.ts: 1 behaviours, of which 0 can be read');
  });
});
