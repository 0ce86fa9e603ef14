import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A migration: number (from 1), file name, SQL, and the SQL's SHA-256 in hex. */
export interface Migration {
  number: number;
  name: string;
  sql: string;
  sha256: string;
}

/** The migrations are inconsistent; the message names the file. */
export class MigrationMistake extends Error {
  override readonly name = 'MigrationMistake';
}

const filePattern = /^(\d{6})_[a-z0-9_]+\.sql$/;

/**
 * Reads a folder's migrations in order; other files are ignored.
 * @throws MigrationMistake if a number is missing or used twice: two branches have met.
 */
export function readMigrations(folder: string): Migration[] {
  const migrations = readdirSync(folder)
    .filter((name) => filePattern.test(name))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name), 'utf8');
      const sha256 = createHash('sha256').update(sql).digest('hex');
      return { number: Number(name.slice(0, 6)), name, sql, sha256 };
    });
  for (const [index, { number, name }] of migrations.entries()) {
    if (number !== index + 1)
      throw new MigrationMistake(
        `${name} has number ${number}, but the next migration is number ${index + 1}`,
      );
  }
  return migrations;
}
