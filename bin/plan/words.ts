/** Columns of a terminal that every line fits. */
export const columns = 120;

/** 12345.6 as `12,346`; below ten with one decimal. */
export function count(value: number): string {
  return value > 0 && value < 10
    ? String(Number(value.toFixed(1)))
    : Math.round(value).toLocaleString('en-US');
}

export function share(part: number): string {
  const percent = 100 * part;
  return `${percent > 0 && percent < 10 ? Number(percent.toPrecision(2)) : Math.round(percent)} %`;
}

export const dollars = (usd: number) => usd.toFixed(2);

/** In the two largest units: `45 s`, `12 min 30 s`, `17 h 22 min`, `3 d 4 h`. */
export function time(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 1 && seconds > 0) return 'under 1 s';
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ] as const;
  const first = Math.max(
    0,
    units.findIndex(([, size]) => whole >= size),
  );
  const [name, size] = units[first] as (typeof units)[number];
  const next = units[first + 1];
  if (whole < 60 || next === undefined) return `${whole} s`;
  const big = Math.floor(whole / size);
  const small = Math.floor((whole - big * size) / next[1]);
  return small === 0 ? `${big} ${name}` : `${big} ${name} ${small} ${next[0]}`;
}

/** Breaks text between words; the lines after the first are indented. */
export function wrapped(text: string, indent: number, width = columns): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.join(`\n${' '.repeat(indent)}`);
}

const labelWidth = 26;

/** A label and what is to say about it, over several lines if needed. */
export function entry(label: string, text: string, width = labelWidth): string {
  return `  ${label.padEnd(width)}  ${wrapped(text, width + 4)}`;
}
