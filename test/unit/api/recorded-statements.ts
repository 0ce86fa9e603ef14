import type { ApiParts } from '../../../lambda/api/http/endpoint.ts';

/** A database in which something happens once, after the first run with a statement of that text. */
export function interrupted(
  database: ApiParts['database'],
  { after, by }: { after: RegExp; by: () => Promise<unknown> },
): ApiParts['database'] {
  const { database: recording, statements } = recordStatements(database);
  let done = false;
  return {
    ...recording,
    async run(work, options) {
      const result = await recording.run(work, options);
      if (!done && statements.some((text) => after.test(text))) {
        done = true;
        await by();
      }
      return result;
    },
  };
}

/** A database that records the text of each statement, in order. Closing it closes the given one. */
export function recordStatements(database: ApiParts['database']): {
  database: ApiParts['database'];
  statements: string[];
} {
  const statements: string[] = [];
  return {
    statements,
    database: {
      ...database,
      run: (work, options) =>
        database.run(
          (connection) =>
            work({
              ...connection,
              query: (statement, values) => {
                statements.push(typeof statement === 'string' ? statement : statement.text);
                return connection.query(statement, values);
              },
            }),
          options,
        ),
    },
  };
}
