import { type Migration, MigrationMistake } from './migrations.ts';

/* Marks a migration without a transaction, so that slow work (CONCURRENTLY, VALIDATE) does not block other users. */
const mark = '-- Runs outside a transaction.';

/** Names that an index of a migration may have, and statements that can be repeated after a kill. */
const createIndex = /^create (?:unique )?index concurrently if not exists (\w+) on \w+\b/;
const repeatable = [
  createIndex,
  /^drop index concurrently if exists \w+$/,
  /^alter table \w+ validate constraint \w+$/,
];

/** A migration outside a transaction: its statements in order, and the indexes they create. */
export interface Outside {
  statements: string[];
  indexes: string[];
}

/**
 * Parses a migration that runs outside a transaction; undefined for one that runs inside. A statement may run again if
 * a kill came before the migration was recorded.
 * @throws MigrationMistake for a statement that cannot be repeated.
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

/** Texts to send for a migration, in order, each a transaction of its own. */
export function textsOf(migration: Pick<Migration, 'name' | 'sql'>): string[] {
  return outsideTransaction(migration)?.statements ?? [migration.sql];
}
