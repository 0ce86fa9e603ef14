import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { awsTable } from './aws-table.ts';
import { backlogTable } from './backlog-table.ts';
import { editsTable } from './edits-table.ts';
import { equivalents } from './equivalents.ts';
import { eventsTable } from './events-table.ts';
import { changesOf, sample } from './generate.ts';
import { limitsTable } from './limits-table.ts';
import { changed, lineOf, type Mutant } from './mutant.ts';
import { operateTable } from './operate-table.ts';
import { picturesTable } from './pictures-table.ts';
import { quotasTable } from './quotas-table.ts';
import { openRelated } from './related.ts';
import { rooms } from './rooms.ts';
import { sandboxTable } from './sandbox-table.ts';
import { table } from './table.ts';

/** A mutant with the tests that are run on it. */
export interface Trial extends Mutant {
  room: string;
  line: number;
  tests: readonly string[];
  /** The changed file. */
  source: string;
  /** Why the change has no effect. */
  equivalent?: string;
}

/**
 * All mutants of a run: the rows of the tables, and a sample of generated ones for each room.
 * @throws Error that lists the texts of the tables that do not occur exactly once
 */
export function collectTrials(
  projectRoot: string,
  { seed, share }: { seed: number; share: number },
): Trial[] {
  const read = (file: string) => readFileSync(join(projectRoot, file), 'utf8');
  const lost: string[] = [];
  const byHand = [
    ...table,
    ...awsTable,
    ...editsTable,
    ...picturesTable,
    ...sandboxTable,
    ...eventsTable,
    ...limitsTable,
    ...operateTable,
    ...backlogTable,
    ...quotasTable,
  ].flatMap(({ file, from, to, loses, tests }): Trial[] => {
    const source = read(file);
    const at = source.indexOf(from);
    if (at < 0 || source.indexOf(from, at + 1) >= 0) {
      lost.push(`${file}: ${at < 0 ? 'not found' : 'found twice'}: ${from.trim()}`);
      return [];
    }
    for (const test of tests)
      if (!existsSync(join(projectRoot, test))) lost.push(`${test}: no such test (table.ts)`);
    const mutant = { file, from, to, at, kind: loses };
    const whole = changed(source, mutant);
    return [{ ...mutant, room: 'by hand', line: lineOf(source, at), tests, source: whole }];
  });

  const related = openRelated(projectRoot);
  const known = new Set<string>();
  const generated = rooms.flatMap(({ name, folder, tests, sample: count, without = [] }): Trial[] => {
    const sources = new Map(
      readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && !without.includes(file))
        .map((file) => [join(folder, file), read(join(folder, file))] as const),
    );
    const all = [...sources].flatMap(([file, source]) =>
      changesOf(source).map((change) => ({ ...change, file })),
    );
    return sample(all, sources, Math.round(count * share), seed).map((mutant) => {
      const source = sources.get(mutant.file) as string;
      const whole = changed(source, mutant);
      const equivalent = equivalents.find(
        (one) =>
          one.file === mutant.file &&
          lineAt(source, mutant.at) === one.line &&
          lineAt(whole, mutant.at) === one.becomes,
      );
      if (equivalent !== undefined) known.add(keyOf(equivalent));
      const line = lineOf(source, mutant.at);
      const trial = { ...mutant, room: name, line, tests: related(mutant.file, tests), source: whole };
      return equivalent === undefined ? trial : { ...trial, equivalent: equivalent.because };
    });
  });
  for (const one of equivalents)
    if (
      !read(one.file)
        .split('\n')
        .some((line) => line.trim() === one.line)
    )
      lost.push(`${one.file}: not found: ${one.line} (equivalents.ts)`);
  if (lost.length > 0) throw new Error(`Texts of the tables do not exist:\n  ${lost.join('\n  ')}`);
  return [...byHand, ...generated];
}

const keyOf = ({ file, line, becomes }: { file: string; line: string; becomes: string }) =>
  [file, line, becomes].join('\0');

/** The line around a place, without the spaces before and after it. */
export function lineAt(source: string, at: number): string {
  const begin = source.lastIndexOf('\n', at - 1) + 1;
  const end = source.indexOf('\n', at);
  return source.slice(begin, end < 0 ? undefined : end).trim();
}
