import { operations } from '../../lambda/api/openapi/operations.ts';
import { problemMeanings } from '../../lambda/api/openapi/problem-meanings.ts';
import { imageErrors } from '../../lambda/api/schemas/image-errors.ts';
import { type ProblemCode, problems } from '../../lambda/domain/problems.ts';
import { routeNames, routes } from '../../lambda/domain/routes.ts';
import { replaceMarked, table } from '../markdown.ts';

/** docs/api.md with generated tables between their marks; the text around them stays. */
export function describeApi(document: string): string {
  const tables: Record<string, string> = { calls: calls(), problems: codes(), 'image-errors': errors() };
  return Object.entries(tables).reduce(
    (text, [name, content]) => replaceMarked(text, name, 'scripts/openapi.ts', content),
    document,
  );
}

function calls(): string {
  const rows = routeNames.map((name) => {
    const { method, path, access } = routes[name];
    const { summary, responses } = operations[name];
    const statuses = Object.keys(responses).join(', ');
    return [`\`${method} ${path}\``, summary, statuses, access === 'key' ? 'yes' : ''];
  });
  return table(['request', 'effect', 'responses', 'API key'], rows);
}

function codes(): string {
  const rows = Object.entries(problems).map(([code, { status }]) => [
    `\`${code}\``,
    String(status),
    problemMeanings[code as ProblemCode],
  ]);
  return table(['code', 'status', 'meaning'], rows);
}

function errors(): string {
  return table(
    ['code', 'meaning'],
    Object.entries(imageErrors).map(([code, meaning]) => [`\`${code}\``, meaning]),
  );
}
