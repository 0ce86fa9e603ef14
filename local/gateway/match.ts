/** The resource of a request, with the decoded variables of its path. */
export interface Match {
  resource: string;
  parameters: Record<string, string>;
}

/** Matches as API Gateway does: literals win over `{part}` and `{proxy+}`; ignores a final slash. @throws URIError */
export function matchResource(resources: readonly string[], path: string): Match | undefined {
  const given = parts(path);
  const matches = resources.flatMap((resource) => {
    const parameters = matchParts(parts(resource), given);
    return parameters === undefined ? [] : [{ resource, parameters }];
  });
  return matches.sort((a, b) => variables(a.resource) - variables(b.resource))[0];
}

const variables = (resource: string) =>
  (resource.match(/\{/g)?.length ?? 0) + (resource.includes('+}') ? 100 : 0);
const parts = (path: string) => path.split('/').filter((part) => part !== '');

function matchParts(wanted: string[], given: string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const [, name, rest] = /^\{([^}+]+)(\+?)\}$/.exec(part) ?? [];
    const value = rest === '+' ? given.slice(index).join('/') : given[index];
    if (value === undefined || value === '') return undefined;
    if (name === undefined && value !== part) return undefined;
    if (name !== undefined) parameters[name] = decodeURIComponent(value);
    if (rest === '+') return parameters;
  }
  return given.length === wanted.length ? parameters : undefined;
}
