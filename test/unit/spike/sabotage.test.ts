import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replaced } from '../../../bench/spike/sabotage/copy.ts';
import { sabotages } from '../../../bench/spike/sabotage/table.ts';
import { traces } from './sabotage-traces.ts';

const projectRoot = resolve(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(join(projectRoot, file), 'utf8');

describe('the sabotages of a spike', () => {
  it('change something each, by a text that occurs once in its file', () => {
    for (const { name, replacements, pipeline = {} } of sabotages) {
      expect(replacements.length + Object.keys(pipeline).length, name).toBeGreaterThan(0);
      for (const replacement of replacements)
        expect(() => replaced(read(replacement.file), replacement), name).not.toThrow();
    }
  });

  it('are eight of different names', () => {
    expect(new Set(sabotages.map(({ name }) => name)).size).toBe(8);
  });

  it('refuse a text that is missing or occurs twice', () => {
    const replacement = { file: 'one.ts', from: 'guard();', to: '' };
    expect(() => replaced('guard(); guard();', replacement)).toThrow('one.ts has 2 times');
    expect(() => replaced('', replacement)).toThrow('one.ts has 0 times');
    expect(replaced('guard();$&', { ...replacement, to: '$&' })).toBe('$&$&');
  });

  it('are in no file of lambda or lib', () => {
    const files = ['lambda', 'lib'].flatMap((folder) =>
      readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    );
    expect(files.length).toBeGreaterThan(200);
    expect(files.filter((file) => traces.test(file) || traces.test(readFileSync(file, 'utf8')))).toEqual([]);
  });
});
