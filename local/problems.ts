/*
 * Imports nothing, so that it can still speak when a package is missing.
 */

/** Errors that users can fix, by name. Any other is a bug and is printed with its stack. */
const known = new Set([
  'BudgetExceeded',
  'BuildFailed',
  'ConfigMistakes',
  'ConfigUnreadable',
  'FauxqsProblem',
  'HomeProblem',
  'LocalStackProblem',
  'PortMistake',
  'PostgresProblem',
]);

export class PortMistake extends Error {
  override readonly name = 'PortMistake';
  constructor(text: string) {
    super(`SLUICE_PORT is "${text}", and must be a port: 0 (any free one) to 65535.`);
  }
}

/** An error in words for a terminal: what is wrong, and what to do about it. */
export function describeProblem(error: unknown): string {
  if (error instanceof AggregateError)
    return [error.message, ...error.errors.map(describeProblem)].join('\n');
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'PortTaken')
    return `${error.message} Choose another: SLUICE_PORT=8788 npm start (SLUICE_PORT=0 takes any free one).`;
  if (known.has(error.name)) return error.message;
  const missing = /Cannot find (?:package|module) '([^'/.][^']*)'/.exec(error.message)?.[1];
  if (missing !== undefined) return `The package ${missing} is not installed. Run "npm ci".`;
  return error.stack ?? error.message;
}
