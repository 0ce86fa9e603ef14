import { type Migration, MigrationMistake } from './migrations.ts';

/*
 * A migration runs in a transaction. One that begins with this line does not, because what it does takes long on a
 * large table and must not hold up who works with it: an index is built CONCURRENTLY, a constraint validated.
 */
const mark = '-- Runs outside a transaction.';

/** The names that an index of a migration may have, and the forms that may be repeated after a kill in the middle. */
const createIndex = /^create (?:unique )?index concurrently if not exists (\w+) on \w+\b/;
const repeatable = [
  createIndex,
  /^drop index concurrently if exists \w+$/,
  /^alter table \w+ validate constraint \w+$/,
];

/** A migration outside a transaction: its statements in order, and the indexes that they make. */
export interface Outside {
  statements: string[];
  indexes: string[];
}

/**
 * Reads a migration that runs outside a transaction; undefined for one that runs inside. Each of its statements is
 * run by itself and may run again, whole, where a kill came between it and the record of the migration.
 * @throws MigrationMistake for a statement that could not be repeated.
 */
export function outsideTransaction({ name, sql }: Pick<Migration, 'name' | 'sql'>): Outside | undefined {
  if (!sql.startsWith(mark)) return undefined;
  const statements = sql
    .replace(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.replace(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '');
  for (const statement of statements)
    if (!repeatable.some((form) => form.test(statement)))
      throw new MigrationMistake(
        `${name} runs outside a transaction, where only "create index concurrently if not exists", "drop index ` +
          `concurrently if exists" and "alter table … validate constraint" can be repeated after a kill: ${statement}`,
      );
  return { statements, indexes: statements.flatMap((one) => createIndex.exec(one)?.[1] ?? []) };
}

/** The texts to send for a migration, one after the other; each is a transaction of its own. */
export function textsOf(migration: Pick<Migration, 'name' | 'sql'>): string[] {
  return outsideTransaction(migration)?.statements ?? [migration.sql];
}
