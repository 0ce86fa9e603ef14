import type { Quartiles } from '../analysis/quartiles.ts';
import type { Result } from '../result.ts';

/** Fields that are quartiles; the file has them as `[lower, median, upper]`. */
const quartileFields = ['bytesRatio', 'cpuRatio', 'secondBytesRatio'];

/** The text of result.json: numbers of four significant digits, a line for each entry of the long lists. */
export function written(result: Result): string {
  const fields = Object.entries(result).map(([name, field]) => {
    if (!Array.isArray(field)) return `  "${name}": ${JSON.stringify(field, shortened)}`;
    const lines = field.map((one) => `    ${JSON.stringify(one, shortened)}`);
    return `  "${name}": [\n${lines.join(',\n')}\n  ]`;
  });
  return `{\n${fields.join(',\n')}\n}\n`;
}

/** The result of a text that `written` wrote. */
export function readResult(text: string): Result {
  return JSON.parse(text, (key, value) => {
    if (!Array.isArray(value) || !quartileFields.includes(key)) return value;
    const [lower, median, upper] = value;
    return { lower, median, upper };
  }) as Result;
}

function shortened(key: string, value: unknown): unknown {
  if (typeof value === 'number') return short(value);
  if (!quartileFields.includes(key) || typeof value !== 'object' || value === null) return value;
  const { lower, median, upper } = value as Quartiles;
  return [lower, median, upper];
}

function short(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(4));
}
