/** JSON with numbers of four significant digits, and a line for each entry of the long lists. */
export function compactly(value: object): string {
  const rounded = (_: string, one: unknown) =>
    typeof one === 'number' && !Number.isInteger(one) ? Number(one.toPrecision(4)) : one;
  const fields = Object.entries(value).map(([name, field]) => {
    if (!Array.isArray(field)) return `  "${name}": ${JSON.stringify(field, rounded)}`;
    const lines = field.map((one) => `    ${JSON.stringify(one, rounded)}`);
    return `  "${name}": [\n${lines.join(',\n')}\n  ]`;
  });
  return `{\n${fields.join(',\n')}\n}\n`;
}
