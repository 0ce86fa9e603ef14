import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readMigrations } from '../../../lambda/migrate/migrations.ts';

describe('the folder of migrations', () => {
  const made: string[] = [];
  const folderOf = (...names: string[]) => {
    const directory = mkdtempSync(join(tmpdir(), 'sluice-migrations-'));
    made.push(directory);
    for (const one of names) writeFileSync(join(directory, one), 'select 1;');
    return directory;
  };
  afterAll(() => {
    for (const directory of made) rmSync(directory, { recursive: true });
  });

  it('is read in order, ignoring other files', () => {
    const read = readMigrations(folderOf('000002_b.sql', '000001_a.sql', 'schema.sql', 'notes.txt'));
    expect(read.map((one) => one.name)).toEqual(['000001_a.sql', '000002_b.sql']);
  });

  it.each([
    ['a number twice', ['000001_a.sql', '000001_b.sql'], '000001_b.sql'],
    ['a gap', ['000001_a.sql', '000003_c.sql'], '000003_c.sql'],
  ])('is rejected with %s', (_, names, culprit) => {
    expect(() => readMigrations(folderOf(...names))).toThrow(culprit);
  });
});
