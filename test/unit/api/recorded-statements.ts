import type { ApiParts } from '../../../lambda/api/http/endpoint.ts';

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
